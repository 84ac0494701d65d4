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
), "ticket_folded" AS (
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
), "ticket__watchers_heard" AS (
  SELECT
    *,
    "address" AS "ticket__watchers_key"
  FROM "events"
  WHERE
    "type" IN ('Watched', 'Unwatched')
), "ticket__watchers_marked" AS (
  SELECT
    *,
    MAX(CASE WHEN "type" = 'Unwatched' THEN "version" END) OVER (PARTITION BY "tenant", "id", "ticket__watchers_key") AS "ticket__watchers_gone"
  FROM "ticket__watchers_heard"
), "ticket__watchers_alive" AS (
  SELECT
    *
  FROM "ticket__watchers_marked"
  WHERE
    "version" > COALESCE("ticket__watchers_gone", 0)
), "ticket__watchers_folded" AS (
  SELECT
    "tenant",
    "id",
    "ticket__watchers_key",
    MAX("version") AS "version",
    MAX("at") AS "changed_at",
    ARG_MIN(CASE WHEN "type" = 'Watched' THEN "at" END, "version") AS "since"
  FROM "ticket__watchers_alive"
  GROUP BY
    "tenant",
    "id",
    "ticket__watchers_key"
), "ticket__watchers_rows" AS (
  SELECT
    "ticket__watchers_folded"."tenant",
    "ticket__watchers_folded"."id",
    "ticket__watchers_folded"."ticket__watchers_key",
    "ticket__watchers_folded"."version",
    "ticket__watchers_folded"."changed_at",
    "ticket__watchers_folded"."since" AS "since"
  FROM "ticket__watchers_folded"
), "ticket__watchers" AS (
  SELECT
    "tenant",
    "id",
    MAP_FROM_ENTRIES(
      LIST_SORT(
        ARRAY_AGG(
          (
            "ticket__watchers_key",
            {'version': "version", 'changed_at': "changed_at", 'since': "since"}
          )
        )
      )
    ) AS "rows",
    COUNT(*) AS "size"
  FROM "ticket__watchers_rows"
  GROUP BY
    "tenant",
    "id"
), "ticket_rows" AS (
  SELECT
    "ticket_folded"."tenant",
    "ticket_folded"."id",
    "ticket_folded"."version",
    "ticket_folded"."changed_at",
    "ticket_folded"."title" AS "title",
    "ticket_folded"."description" AS "description",
    "ticket_folded"."author" AS "author",
    "ticket_folded"."opened_at" AS "opened_at",
    "ticket_folded"."comments" AS "comments",
    "ticket_folded"."people" AS "people",
    "ticket_folded"."mood" AS "mood",
    "ticket_folded"."assignee" AS "assignee",
    "ticket_folded"."priority" AS "priority",
    "ticket_folded"."is_open" AS "is_open",
    "ticket_folded"."status" AS "status",
    COALESCE(
      "ticket__watchers"."rows",
      CAST(MAP() AS MAP(TEXT, STRUCT("version" BIGINT, "changed_at" BIGINT, "since" BIGINT)))
    ) AS "_watchers"
  FROM "ticket_folded"
  LEFT JOIN "ticket__watchers"
    ON "ticket__watchers"."tenant" = "ticket_folded"."tenant"
    AND "ticket__watchers"."id" = "ticket_folded"."id"
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
FROM "ticket_rows"
