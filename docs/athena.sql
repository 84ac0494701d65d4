-- Made from domains/tickets.py, as `mainstem archive ddl` makes it of all domains.

CREATE DATABASE IF NOT EXISTS `mainstem`;

CREATE EXTERNAL TABLE IF NOT EXISTS `mainstem`.`raw` (
  `tenant` string,
  `domain` string,
  `id` string,
  `version` bigint,
  `type` string,
  `schema` int,
  `at` bigint,
  `by` string,
  `command` string,
  `cause` string,
  `correlation` string,
  `data` string,
  `shard` string,
  `sequence` string,
  `index` int,
  `producer` string,
  `n` bigint,
  `arrived` bigint
)
PARTITIONED BY (`dt` string, `hh` string)
STORED AS PARQUET
LOCATION 's3://BUCKET/raw/'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.dt.type' = 'date', 'projection.dt.format' = 'yyyy-MM-dd',
  'projection.dt.range' = '2026-01-01,NOW',
  'projection.hh.type' = 'integer', 'projection.hh.range' = '0,23', 'projection.hh.digits' = '2',
  'storage.location.template' = 's3://BUCKET/raw/dt=${dt}/hh=${hh}/'
);

CREATE TABLE IF NOT EXISTS `mainstem`.`tickets_events` (
  `dt` date COMMENT 'the day on which it arrived',
  `tenant` string COMMENT 'whose it is',
  `id` string COMMENT 'of which aggregate',
  `version` bigint COMMENT 'the how-manieth event of its aggregate',
  `at` bigint COMMENT 'when it happened, in microseconds since 1970',
  `by` string COMMENT 'who did it',
  `type` string COMMENT 'what happened',
  `schema` int COMMENT 'as which schema it was stored',
  `command` string COMMENT 'the command that made it',
  `cause` string COMMENT 'what caused that',
  `correlation` string COMMENT 'the request it goes back to',
  `title` string COMMENT 'of Submitted, Renamed',
  `author` string COMMENT 'of Submitted, Commented',
  `description` string COMMENT 'of Described',
  `priority` string COMMENT 'of Prioritized',
  `assignee` string COMMENT 'of Assigned',
  `text` string COMMENT 'of Commented',
  `mood` bigint COMMENT 'of Commented',
  `reason` string COMMENT 'of Closed',
  `address` string COMMENT 'of Watched, Unwatched'
)
COMMENT 'Tickets: somebody asks, somebody answers, it closes, and it may reopen.'
PARTITIONED BY (`dt`)
LOCATION 's3://BUCKET/tables/tickets_events/'
TBLPROPERTIES ('table_type' = 'ICEBERG', 'format' = 'parquet', 'write_compression' = 'zstd');

CREATE OR REPLACE VIEW "mainstem"."ticket" AS
WITH "events" AS (
  SELECT
    "tenant",
    "id",
    "version",
    "at",
    "by",
    "type",
    "title",
    "description",
    "author",
    "mood",
    "assignee",
    "priority",
    "address"
  FROM "tickets_events"
), "__folded_ticket" AS (
  SELECT
    "tenant",
    "id",
    MAX("version") AS "version",
    MAX("at") AS "changed_at",
    COALESCE(MAX_BY("title", "version") FILTER(WHERE
      "type" IN ('Submitted', 'Renamed')), '') AS "title",
    COALESCE(MAX_BY("description", "version") FILTER(WHERE
      "type" = 'Described'), '') AS "description",
    MIN_BY(CASE WHEN "type" = 'Submitted' THEN "author" END, "version") FILTER(WHERE
      NOT (
        CASE WHEN "type" = 'Submitted' THEN "author" END
      ) IS NULL) AS "author",
    MIN_BY(CASE WHEN "type" = 'Submitted' THEN "at" END, "version") FILTER(WHERE
      NOT (
        CASE WHEN "type" = 'Submitted' THEN "at" END
      ) IS NULL) AS "opened_at",
    COUNT(*) FILTER(WHERE
      "type" = 'Commented') AS "comments",
    COALESCE(
      ARRAY_SORT(ARRAY_AGG(DISTINCT "author") FILTER(WHERE
        NOT (
          "author"
        ) IS NULL)),
      CAST(ARRAY[] AS ARRAY(VARCHAR))
    ) AS "people",
    COALESCE(
      SUM(CASE WHEN "type" = 'Commented' THEN COALESCE("mood", CAST(0 AS BIGINT)) END),
      CAST(0 AS BIGINT)
    ) AS "mood",
    MAX_BY("assignee", "version") FILTER(WHERE
      "type" = 'Assigned') AS "assignee",
    COALESCE(MAX_BY("priority", "version") FILTER(WHERE
      "type" = 'Prioritized'), 'normal') AS "priority",
    COALESCE(
      MAX_BY(
        CASE
          WHEN "type" = 'Submitted'
          THEN TRUE
          WHEN "type" = 'Reopened'
          THEN TRUE
          WHEN "type" = 'Closed'
          THEN FALSE
        END,
        "version"
      ) FILTER(WHERE
        "type" IN ('Submitted', 'Reopened', 'Closed')),
      FALSE
    ) AS "is_open",
    MAX_BY(
      CASE
        WHEN "type" = 'Submitted'
        THEN 'open'
        WHEN "type" = 'Closed'
        THEN 'closed'
        WHEN "type" = 'Reopened'
        THEN 'reopened'
      END,
      "version"
    ) FILTER(WHERE
      "type" IN ('Submitted', 'Closed', 'Reopened')) AS "status"
  FROM "events"
  GROUP BY
    "tenant",
    "id"
), "__heard_ticket__watchers" AS (
  SELECT
    *,
    "address" AS "__key_ticket__watchers"
  FROM "events"
  WHERE
    "type" IN ('Watched', 'Unwatched')
), "__marked_ticket__watchers" AS (
  SELECT
    *,
    MAX(CASE WHEN "type" = 'Unwatched' THEN "version" END) OVER (PARTITION BY "tenant", "id", "__key_ticket__watchers") AS "__gone_ticket__watchers"
  FROM "__heard_ticket__watchers"
), "__alive_ticket__watchers" AS (
  SELECT
    *
  FROM "__marked_ticket__watchers"
  WHERE
    "version" > COALESCE("__gone_ticket__watchers", 0)
), "__folded_ticket__watchers" AS (
  SELECT
    "tenant",
    "id",
    "__key_ticket__watchers",
    MAX("version") AS "version",
    MAX("at") AS "changed_at",
    MIN_BY(CASE WHEN "type" = 'Watched' THEN "at" END, "version") FILTER(WHERE
      NOT (
        CASE WHEN "type" = 'Watched' THEN "at" END
      ) IS NULL) AS "since"
  FROM "__alive_ticket__watchers"
  GROUP BY
    "tenant",
    "id",
    "__key_ticket__watchers"
), "__rows_ticket__watchers" AS (
  SELECT
    "__folded_ticket__watchers"."tenant",
    "__folded_ticket__watchers"."id",
    "__folded_ticket__watchers"."__key_ticket__watchers",
    "__folded_ticket__watchers"."version",
    "__folded_ticket__watchers"."changed_at",
    "__folded_ticket__watchers"."since" AS "since"
  FROM "__folded_ticket__watchers"
), "ticket__watchers" AS (
  SELECT
    "tenant",
    "id",
    MAP_AGG(
      "__key_ticket__watchers",
      CAST(ROW("version", "changed_at", "since") AS ROW("version" BIGINT, "changed_at" BIGINT, "since" BIGINT))
    ) AS "rows",
    COUNT(*) AS "size"
  FROM "__rows_ticket__watchers"
  GROUP BY
    "tenant",
    "id"
), "__rows_ticket" AS (
  SELECT
    "__folded_ticket"."tenant",
    "__folded_ticket"."id",
    "__folded_ticket"."version",
    "__folded_ticket"."changed_at",
    "__folded_ticket"."title" AS "title",
    "__folded_ticket"."description" AS "description",
    "__folded_ticket"."author" AS "author",
    "__folded_ticket"."opened_at" AS "opened_at",
    "__folded_ticket"."comments" AS "comments",
    "__folded_ticket"."people" AS "people",
    "__folded_ticket"."mood" AS "mood",
    "__folded_ticket"."assignee" AS "assignee",
    "__folded_ticket"."priority" AS "priority",
    "__folded_ticket"."is_open" AS "is_open",
    "__folded_ticket"."status" AS "status",
    COALESCE(
      "ticket__watchers"."rows",
      CAST(MAP() AS MAP(VARCHAR, ROW("version" BIGINT, "changed_at" BIGINT, "since" BIGINT)))
    ) AS "_watchers"
  FROM "__folded_ticket"
  LEFT JOIN "ticket__watchers"
    ON "ticket__watchers"."tenant" = "__folded_ticket"."tenant"
    AND "ticket__watchers"."id" = "__folded_ticket"."id"
)
SELECT
  "tenant",
  "id",
  "version",
  "changed_at",
  "title",
  "description",
  "author",
  "opened_at",
  "comments",
  "people",
  "mood",
  "assignee",
  "priority",
  "is_open",
  "status"
FROM "__rows_ticket";

CREATE TABLE IF NOT EXISTS `mainstem`.`ticket_rows` (
  `tenant` string COMMENT 'whose it is',
  `id` string COMMENT 'of which aggregate',
  `version` bigint COMMENT 'how many events its aggregate had',
  `changed_at` bigint COMMENT 'when it last changed, in microseconds since 1970',
  `title` string COMMENT 'last of Submitted.title, Renamed.title',
  `description` string COMMENT 'last of Described.description',
  `author` string COMMENT 'first of Submitted.author',
  `opened_at` bigint COMMENT 'first of Submitted.at',
  `comments` bigint COMMENT 'count of Commented',
  `people` array<string> COMMENT 'distinct of Submitted.author, Commented.author',
  `mood` bigint COMMENT 'total of Commented.mood',
  `assignee` string COMMENT 'last of Assigned.assignee',
  `priority` string COMMENT 'last of Prioritized.priority',
  `is_open` boolean COMMENT 'last of Submitted, Reopened, Closed',
  `status` string COMMENT 'last of Submitted, Closed, Reopened'
)
COMMENT 'ticket as of the last rebuild'
LOCATION 's3://BUCKET/tables/ticket_rows/'
TBLPROPERTIES ('table_type' = 'ICEBERG', 'format' = 'parquet', 'write_compression' = 'zstd');
