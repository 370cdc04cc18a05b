-- What the alerts remember. alerts: one row per opening. outbox: one row per message and target, never a target's
-- address. unread: workbooks that were never read, since which night. reminders: those that were made. checks: how each
-- check beside the night ended last.
CREATE SEQUENCE IF NOT EXISTS alert_numbers;
CREATE SEQUENCE IF NOT EXISTS message_numbers;
CREATE TABLE IF NOT EXISTS alerts (
    alert_no INTEGER DEFAULT nextval('alert_numbers'),
    institution_code VARCHAR NOT NULL,
    rule_code VARCHAR NOT NULL,
    subject VARCHAR NOT NULL,
    opened_at TIMESTAMP NOT NULL,
    closed_at TIMESTAMP,
    ending VARCHAR,
    told_at TIMESTAMP,
    ending_told_at TIMESTAMP,
    baseline DECIMAL(4, 2),
    detail VARCHAR NOT NULL,
    text VARCHAR NOT NULL
);
CREATE TABLE IF NOT EXISTS outbox (
    message_no INTEGER NOT NULL,
    target VARCHAR NOT NULL,
    institution_code VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    body VARCHAR NOT NULL,
    made_at TIMESTAMP NOT NULL,
    sent_at TIMESTAMP,
    given_up_at TIMESTAMP,
    tries INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS unread (
    institution_code VARCHAR NOT NULL,
    subject VARCHAR NOT NULL,
    since_on DATE NOT NULL
);
CREATE TABLE IF NOT EXISTS reminders (
    institution_code VARCHAR NOT NULL,
    year INTEGER NOT NULL,
    event VARCHAR NOT NULL,
    days_before INTEGER NOT NULL,
    made_at TIMESTAMP NOT NULL
);
CREATE TABLE IF NOT EXISTS checks (
    check_name VARCHAR NOT NULL,
    ended_at TIMESTAMP NOT NULL,
    has_failed BOOLEAN NOT NULL
);
-- Columns that files of earlier versions lack. kind: of a message, alert or reminder. lowest: how deep an index fell.
-- is_deeper: it fell again since that was told.
ALTER TABLE outbox ADD COLUMN IF NOT EXISTS kind VARCHAR DEFAULT 'alert';
ALTER TABLE alerts ADD COLUMN IF NOT EXISTS lowest DECIMAL(4, 2);
ALTER TABLE alerts ADD COLUMN IF NOT EXISTS is_deeper BOOLEAN DEFAULT false;
