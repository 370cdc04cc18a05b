"""The figures alone, written by hand in polars, the fastest tool for it: no expectations, history, provenance or audit.

`python by_polars.py FOLDER`: reads FOLDER/raw and FOLDER/instrument.json, writes FOLDER/by_polars; says the sum of all
indices. Runs in an environment of its own, since nothing else here needs polars.
"""

import json
import sys
from pathlib import Path

import polars as pl

EVIDENCE = r"^https?://[^ ]+$"


def main() -> None:
    """Read, score, write."""
    folder = Path(sys.argv[1])
    instrument = json.loads((folder / "instrument.json").read_text())
    weights = pl.DataFrame(
        instrument["indicators"],
        schema={"indicator": pl.String, "weight": pl.Float64, "gate": pl.Int64},
        orient="row",
    )
    rows = pl.scan_parquet(folder / "raw/*/*.row.parquet").filter(pl.col("row_no") > 1)
    books = pl.scan_parquet(folder / "raw/*/*.workbook.parquet")
    opd = books.select("institution_code", "opd_code", content_hash="judged_hash").filter(pl.col("content_hash") != "")
    sheet = books.select("institution_code", "worksheets").explode("worksheets").unnest("worksheets")
    register = sheet.filter(pl.col("worksheet") == "Pengampu").select("institution_code", "content_hash")
    text = pl.col("texts").list
    answers = (
        rows.join(opd, on="content_hash")
        .select(
            "institution_code",
            "opd_code",
            "row_no",
            indicator=text.get(1),
            score=text.get(3).cast(pl.Int64, strict=False),
            explanation=text.get(4),
            evidence=text.get(5),
            evidence_on=text.get(6).str.to_date(strict=False),
        )
        .collect()
    )
    carriers = (
        rows.join(register, on="content_hash")
        .select("institution_code", indicator=text.get(1), opd_code=text.get(2), is_for_all=text.get(3) == "SEMUA")
        .collect()
    )
    least = answers.group_by("institution_code", "indicator").agg(least=pl.col("score").fill_null(0).min())
    scored = (
        carriers.join(
            answers.select("institution_code", "opd_code", "indicator", "score"),
            on=["institution_code", "opd_code", "indicator"],
            how="left",
        )
        .join(weights, on="indicator")
        .join(least, on=["institution_code", "indicator"])
        .with_columns(
            score=pl.when(
                pl.col("is_for_all") & (pl.col("least") < pl.col("gate")) & (pl.col("score") >= pl.col("gate"))
            )
            .then(pl.col("gate") - 1)
            .otherwise(pl.col("score").fill_null(instrument["lowest_score"]))
        )
    )
    index = scored.group_by("institution_code").agg(
        index=(pl.col("score") * pl.col("weight")).sum() / weights["weight"].sum()
    )
    evidence = answers.filter(pl.col("score").is_not_null() & pl.col("evidence").str.contains(EVIDENCE))
    out = folder / "by_polars"
    out.mkdir(exist_ok=True)
    for name, frame in {"index": index, "scored": scored, "evidence": evidence}.items():
        frame.write_parquet(out / f"{name}.parquet")
    print(json.dumps({"index_sum": index["index"].sum(), "rows": answers.height, "evidence": evidence.height}))


if __name__ == "__main__":
    main()
