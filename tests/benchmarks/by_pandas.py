"""The night as it's commonly written: pandas, Great Expectations on the whole frame, one result. No history, no audit.

`python by_pandas.py FOLDER`: reads FOLDER/raw, writes FOLDER/by_pandas; says the sum of all indices and how many
failures there are.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import duckdb
import great_expectations as gx
import pandas as pd
from country import INSTRUMENT, YEAR

from spbe_etl.instruments import load_instruments
from spbe_etl.resources import EXPECTATIONS

COLUMNS = ["year", "indicator", "indicator_name", "score", "explanation", "evidence", "evidence_on"]
EVIDENCE = r"^https?://[^ ]+$"
KEY = ["institution", "opd", "row_no"]


def read(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Answers and carriers of all institutions."""
    answers, carriers = [], []
    for path in sorted((folder / "raw").glob("*/*.workbook.parquet")):
        books = pd.read_parquet(path, columns=["institution_code", "opd_code", "judged_hash"])
        institution = books["institution_code"].iloc[0]
        opd = dict(zip(books["judged_hash"], books["opd_code"], strict=True))
        stem = path.name.removesuffix(".workbook.parquet")
        rows = pd.read_parquet(path.with_name(f"{stem}.row.parquet"), columns=["content_hash", "row_no", "texts"])
        rows = rows[rows["row_no"] > 1]
        frame = pd.DataFrame(rows["texts"].tolist(), columns=COLUMNS)
        frame["institution"] = institution
        frame["opd"] = rows["content_hash"].map(opd).to_numpy()
        frame["row_no"] = rows["row_no"].to_numpy()
        answers.append(frame)
        register = pd.read_parquet(path.with_name(f"{stem}r.row.parquet"), columns=["texts"])
        carriers += [
            (institution, one[1], one[2], one[3] == "SEMUA") for one in register["texts"] if one[0] == INSTRUMENT
        ]
    return pd.concat(answers, ignore_index=True), pd.DataFrame(
        carriers, columns=["institution", "indicator", "opd", "is_for_all"]
    )


def with_states(answers: pd.DataFrame, indicators: list[str]) -> pd.DataFrame:
    """What the suite's expectations look at, on every row."""
    score, evidence = answers["score"], answers["evidence"]
    points = pd.to_numeric(score.where(score.isin(["1", "2", "3", "4", "5"])), errors="coerce")
    is_high = points >= 2
    day = pd.to_numeric(answers["evidence_on"].str.replace("-", ""), errors="coerce")
    year = pd.to_numeric(answers["year"], errors="coerce")
    twins = answers[points.notna()].groupby(["institution", "opd", "year", "indicator"])["score"].transform("nunique")
    return answers.assign(
        points=points,
        year_without_instrument=year != YEAR,
        years_ahead=year - 2026,
        indicator_state=answers["indicator"].isin(indicators).map({True: "known", False: "unknown"}),
        score_problem=pd.Series("unreadable", answers.index).where(score.notna() & points.isna()),
        duplicate_scores=twins,
        evidence_problem=pd.Series("malformed", answers.index).where(
            evidence.notna() & ~evidence.str.match(EVIDENCE, na=True)
        ),
        evidence_on_problem=pd.Series("unreadable", answers.index).where(answers["evidence_on"].notna() & day.isna()),
        needed_links=evidence.notna()
        .astype(int)
        .where(is_high & (evidence.isna() | evidence.str.match(EVIDENCE, na=False))),
        needed_explanation=answers["explanation"].notna().astype(int).where(is_high),
        evidence_days_ahead=day - 20261124,
        opd_is_active=True,
        indicator_is_external=False,
    )


def validate(answers: pd.DataFrame) -> Any:
    """Which rows with a score fail which expectation of the suite that we use too."""
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    asset = context.data_sources.add_pandas("night").add_dataframe_asset("answers")
    expectations = json.loads((EXPECTATIONS / "submission.json").read_text())["expectations"]
    return (
        asset.add_batch_definition_whole_dataframe("all")
        .get_batch({"dataframe": answers[answers["score"].notna()]})
        .validate(
            gx.ExpectationSuite(name="submission", expectations=expectations),
            result_format={
                "result_format": "COMPLETE",
                "unexpected_index_column_names": KEY,
                "return_unexpected_index_query": False,
            },
        )
    )


def main() -> None:
    """Read, validate, score, write."""
    folder = Path(sys.argv[1])
    instrument = load_instruments()[INSTRUMENT]
    answers, carriers = read(folder)
    answers = with_states(answers, [one.no for one in instrument.indicators])
    result = validate(answers)
    failures = pd.DataFrame(
        [
            {"rule": one.expectation_config.meta["rule_code"], **row}
            for one in result.results
            for row in one.result.get("unexpected_index_list") or ()
        ]
    )
    weights = pd.DataFrame(
        [
            {
                "indicator": one.no,
                "weight": float(one.weight),
                "gate": one.gate_level if one.gate_kind == "practice" else None,
            }
            for one in instrument.indicators
        ]
    )
    scored = carriers.merge(answers[["institution", "opd", "indicator", "points"]], how="left").merge(
        weights, on="indicator"
    )
    lowest = answers.assign(points=answers["points"].fillna(0)).groupby(["institution", "indicator"])["points"].min()
    scored = scored.merge(lowest.rename("least").reset_index(), on=["institution", "indicator"])
    is_held = scored["is_for_all"] & (scored["least"] < scored["gate"]) & (scored["points"] >= scored["gate"])
    scored.loc[is_held, "points"] = scored.loc[is_held, "gate"] - 1
    scored["score"] = scored["points"].fillna(float(instrument.lowest_score))
    scored["part"] = scored["score"] * scored["weight"]
    index = (scored.groupby("institution")["part"].sum() / weights["weight"].sum()).reset_index()
    evidence = answers[answers["points"].notna() & answers["evidence"].str.match(EVIDENCE, na=False)]
    out = folder / "by_pandas"
    out.mkdir(exist_ok=True)
    with duckdb.connect(str(out / "spbe.duckdb")) as connection:
        for name, frame in {"idx": index, "scored": scored, "evidence": evidence, "failure": failures}.items():
            connection.register("frame", frame)
            connection.execute(f"CREATE OR REPLACE TABLE {name} AS FROM frame")
            connection.execute(f"COPY {name} TO '{out}/{name}.parquet'")
    print(json.dumps({"index_sum": float(index["part"].sum()), "failures": len(failures), "rows": len(answers)}))


if __name__ == "__main__":
    main()
