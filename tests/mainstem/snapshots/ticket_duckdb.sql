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
    COALESCE(ARG_MAX("title", "version"), '') AS "title",
    COALESCE(ARG_MAX("description", "version"), '') AS "description",
    ARG_MIN(CASE WHEN "type" = 'Submitted' THEN "author" END, "version") AS "author",
    ARG_MIN(CASE WHEN "type" = 'Submitted' THEN "at" END, "version") AS "opened_at",
    COUNT(*) FILTER(WHERE
      "type" = 'Commented') AS "comments",
    COALESCE(
      LIST_SORT(ARRAY_AGG(DISTINCT "author") FILTER(WHERE
        NOT (
          "author"
        ) IS NULL)),
      CAST([] AS TEXT[])
    ) AS "people",
    COALESCE(
      CAST(SUM(CASE WHEN "type" = 'Commented' THEN COALESCE("mood", CAST(0 AS BIGINT)) END) AS BIGINT),
      CAST(0 AS BIGINT)
    ) AS "mood",
    ARG_MAX_NULL("assignee", "version") FILTER(WHERE
      "type" = 'Assigned') AS "assignee",
    COALESCE(ARG_MAX("priority", "version"), 'normal') AS "priority",
    COALESCE(
      ARG_MAX(
        CASE
          WHEN "type" = 'Submitted'
          THEN TRUE
          WHEN "type" = 'Reopened'
          THEN TRUE
          WHEN "type" = 'Closed'
          THEN FALSE
        END,
        "version"
      ),
      FALSE
    ) AS "is_open",
    ARG_MAX(
      CASE
        WHEN "type" = 'Submitted'
        THEN 'open'
        WHEN "type" = 'Closed'
        THEN 'closed'
        WHEN "type" = 'Reopened'
        THEN 'reopened'
      END,
      "version"
    ) AS "status"
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
    ARG_MIN(CASE WHEN "type" = 'Watched' THEN "at" END, "version") AS "since"
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
    MAP_FROM_ENTRIES(
      LIST_SORT(
        ARRAY_AGG(
          (
            "__key_ticket__watchers",
            {'version': "version", 'changed_at': "changed_at", 'since': "since"}
          )
        )
      )
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
      CAST(MAP() AS MAP(TEXT, STRUCT("version" BIGINT, "changed_at" BIGINT, "since" BIGINT)))
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
