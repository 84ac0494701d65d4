WITH "events" AS (
  SELECT
    "tenant",
    "id",
    "version",
    "at",
    "by",
    "type",
    JSON_EXTRACT_SCALAR(CASE WHEN "type" IN ('Submitted', 'Renamed') THEN "data" END, '$.title') AS "title",
    JSON_EXTRACT_SCALAR(CASE WHEN "type" = 'Described' THEN "data" END, '$.description') AS "description",
    JSON_EXTRACT_SCALAR(CASE WHEN "type" IN ('Submitted', 'Commented') THEN "data" END, '$.author') AS "author",
    CAST(JSON_EXTRACT_SCALAR(CASE WHEN "type" = 'Commented' THEN "data" END, '$.mood') AS BIGINT) AS "mood",
    JSON_EXTRACT_SCALAR(CASE WHEN "type" = 'Assigned' THEN "data" END, '$.assignee') AS "assignee",
    JSON_EXTRACT_SCALAR(CASE WHEN "type" = 'Prioritized' THEN "data" END, '$.priority') AS "priority",
    JSON_EXTRACT_SCALAR(CASE WHEN "type" IN ('Watched', 'Unwatched') THEN "data" END, '$.address') AS "address"
  FROM "raw"
  WHERE
    "domain" = 'tickets'
), "__folded_ticket" AS (
  SELECT
    "tenant",
    "id",
    MAX("version") AS "version",
    MAX("at") AS "changed_at",
    COALESCE(
      MAX_BY(
        CASE WHEN "type" = 'Submitted' THEN "title" WHEN "type" = 'Renamed' THEN "title" END,
        "version"
      ) FILTER(WHERE
        "type" IN ('Submitted', 'Renamed')),
      ''
    ) AS "title",
    COALESCE(
      MAX_BY(CASE WHEN "type" = 'Described' THEN "description" END, "version") FILTER(WHERE
        "type" = 'Described'),
      ''
    ) AS "description",
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
      ARRAY_SORT(
        ARRAY_AGG(
          DISTINCT CASE
            WHEN "type" = 'Submitted'
            THEN "author"
            WHEN "type" = 'Commented'
            THEN "author"
          END
        ) FILTER(WHERE
          NOT (
            CASE
              WHEN "type" = 'Submitted'
              THEN "author"
              WHEN "type" = 'Commented'
              THEN "author"
            END
          ) IS NULL)
      ),
      CAST(ARRAY[] AS ARRAY(VARCHAR))
    ) AS "people",
    COALESCE(
      SUM(CASE WHEN "type" = 'Commented' THEN COALESCE("mood", CAST(0 AS BIGINT)) END),
      CAST(0 AS BIGINT)
    ) AS "mood",
    MAX_BY("assignee", "version") FILTER(WHERE
      "type" = 'Assigned') AS "assignee",
    COALESCE(
      MAX_BY(CASE WHEN "type" = 'Prioritized' THEN "priority" END, "version") FILTER(WHERE
        "type" = 'Prioritized'),
      'normal'
    ) AS "priority",
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
FROM "__rows_ticket"
