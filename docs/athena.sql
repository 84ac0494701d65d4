-- Made from domains/tickets.py and domains/clicks.py, as `mainstem archive ddl` makes it of all.

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
  `arrived` bigint COMMENT 'when it came to the feed, in microseconds since 1970',
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

CREATE TABLE IF NOT EXISTS `mainstem`.`clicks_events` (
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
  `arrived` bigint COMMENT 'when it came to the feed, in microseconds since 1970',
  `sequence` string COMMENT 'where it stood on the feed',
  `index` int COMMENT 'where it stood in its bundle',
  `producer` string COMMENT 'the process that sent it',
  `n` bigint COMMENT 'which of its bundles',
  `page` string COMMENT 'of Viewed',
  `ms` bigint COMMENT 'of Viewed',
  `product` string COMMENT 'of Viewed, Purchased, Refunded',
  `referrer` string COMMENT 'of Viewed',
  `cents` bigint COMMENT 'of Purchased, Refunded',
  `order` string COMMENT 'of Purchased, Refunded'
)
COMMENT 'Clicks: what visitors of a shop look at and buy. Ingested: facts come in, no command decides.'
PARTITIONED BY (`dt`)
LOCATION 's3://BUCKET/tables/clicks_events/'
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

CREATE OR REPLACE VIEW "mainstem"."product" AS
WITH "events" AS (
  SELECT
    "tenant",
    "id",
    "version",
    "at",
    "by",
    "type",
    "product",
    "ms",
    "cents"
  FROM "clicks_events"
), "__heard_product" AS (
  SELECT
    *,
    CASE
      WHEN "type" = 'Viewed'
      THEN COALESCE("product", '-')
      WHEN "type" = 'Purchased'
      THEN "product"
      WHEN "type" = 'Refunded'
      THEN "product"
    END AS "key"
  FROM "events"
  WHERE
    "type" IN ('Viewed', 'Purchased', 'Refunded')
), "__folded_product" AS (
  SELECT
    "tenant",
    "id",
    "key",
    MAX("version") AS "version",
    MAX("at") AS "changed_at",
    MIN(CASE WHEN "type" = 'Viewed' THEN "at" WHEN "type" = 'Purchased' THEN "at" END) AS "first_seen_at",
    MAX(CASE WHEN "type" = 'Viewed' THEN "at" WHEN "type" = 'Purchased' THEN "at" END) AS "last_seen_at",
    COUNT(*) FILTER(WHERE
      "type" = 'Viewed') AS "views",
    COUNT(*) FILTER(WHERE
      (
        "type" = 'Viewed' AND (
          "ms" < CAST(2000 AS BIGINT)
        )
      )) AS "glimpses",
    COALESCE(SUM("ms"), CAST(0 AS BIGINT)) AS "looked_ms",
    COUNT(*) FILTER(WHERE
      "type" = 'Purchased') AS "purchases",
    COALESCE(
      SUM(
        CASE
          WHEN "type" = 'Purchased'
          THEN "cents"
          WHEN "type" = 'Refunded'
          THEN (
            -"cents"
          )
        END
      ),
      CAST(0 AS BIGINT)
    ) AS "revenue_cents",
    MAX("ms") AS "longest_ms",
    MIN(CASE WHEN "type" = 'Purchased' THEN "cents" END) AS "cheapest_cents",
    MAX_BY(CASE WHEN "type" = 'Purchased' THEN "cents" END, "version") FILTER(WHERE
      "type" = 'Purchased') AS "paid_cents",
    COALESCE(
      MAX_BY(
        CASE WHEN "type" = 'Refunded' THEN TRUE WHEN "type" = 'Purchased' THEN FALSE END,
        "version"
      ) FILTER(WHERE
        "type" IN ('Refunded', 'Purchased')),
      FALSE
    ) AS "refunded"
  FROM "__heard_product"
  GROUP BY
    "tenant",
    "id",
    "key"
), "__rows_product" AS (
  SELECT
    "__folded_product"."tenant",
    "__folded_product"."id",
    "__folded_product"."key",
    "__folded_product"."version",
    "__folded_product"."changed_at",
    "__folded_product"."first_seen_at" AS "first_seen_at",
    "__folded_product"."last_seen_at" AS "last_seen_at",
    "__folded_product"."views" AS "views",
    "__folded_product"."glimpses" AS "glimpses",
    "__folded_product"."looked_ms" AS "looked_ms",
    "__folded_product"."purchases" AS "purchases",
    "__folded_product"."revenue_cents" AS "revenue_cents",
    "__folded_product"."longest_ms" AS "longest_ms",
    "__folded_product"."cheapest_cents" AS "cheapest_cents",
    "__folded_product"."paid_cents" AS "paid_cents",
    "__folded_product"."refunded" AS "refunded",
    (
      (
        "__folded_product"."views" > CAST(2 AS BIGINT)
      )
      AND (
        "__folded_product"."purchases" = CAST(0 AS BIGINT)
      )
    ) AS "tempted"
  FROM "__folded_product"
)
SELECT
  "tenant",
  "id",
  "key",
  "version",
  "changed_at",
  "first_seen_at",
  "last_seen_at",
  "views",
  "glimpses",
  "looked_ms",
  "purchases",
  "revenue_cents",
  "longest_ms",
  "cheapest_cents",
  "paid_cents",
  "refunded",
  "tempted"
FROM "__rows_product";

CREATE OR REPLACE VIEW "mainstem"."visitor" AS
WITH "events" AS (
  SELECT
    "tenant",
    "id",
    "version",
    "at",
    "by",
    "type",
    "ms",
    "cents",
    "referrer",
    "product",
    "page"
  FROM "clicks_events"
), "__folded_visitor" AS (
  SELECT
    "tenant",
    "id",
    MAX("version") AS "version",
    MAX("at") AS "changed_at",
    MIN(CASE WHEN "type" = 'Viewed' THEN "at" WHEN "type" = 'Purchased' THEN "at" END) AS "first_seen_at",
    MAX(CASE WHEN "type" = 'Viewed' THEN "at" WHEN "type" = 'Purchased' THEN "at" END) AS "last_seen_at",
    COUNT(*) FILTER(WHERE
      "type" = 'Viewed') AS "views",
    COUNT(*) FILTER(WHERE
      (
        "type" = 'Viewed' AND (
          "ms" < CAST(2000 AS BIGINT)
        )
      )) AS "glimpses",
    COALESCE(SUM("ms"), CAST(0 AS BIGINT)) AS "looked_ms",
    COUNT(*) FILTER(WHERE
      "type" = 'Purchased') AS "purchases",
    COALESCE(
      SUM(
        CASE
          WHEN "type" = 'Purchased'
          THEN "cents"
          WHEN "type" = 'Refunded'
          THEN (
            -"cents"
          )
        END
      ),
      CAST(0 AS BIGINT)
    ) AS "revenue_cents",
    MIN_BY("referrer", "version") FILTER(WHERE
      NOT (
        "referrer"
      ) IS NULL) AS "_referrer",
    COALESCE(
      ARRAY_SORT(
        ARRAY_AGG(DISTINCT CASE WHEN "type" = 'Purchased' THEN "product" END) FILTER(WHERE
          NOT (
            CASE WHEN "type" = 'Purchased' THEN "product" END
          ) IS NULL)
      ),
      CAST(ARRAY[] AS ARRAY(VARCHAR))
    ) AS "_bought",
    MIN_BY("page", "version") FILTER(WHERE
      NOT (
        "page"
      ) IS NULL) AS "landed_on",
    COALESCE(
      ARRAY_SORT(ARRAY_AGG(DISTINCT "page") FILTER(WHERE
        NOT (
          "page"
        ) IS NULL)),
      CAST(ARRAY[] AS ARRAY(VARCHAR))
    ) AS "pages",
    COALESCE(
      SLICE(ARRAY_AGG("page" ORDER BY "version" DESC) FILTER(WHERE
        "type" = 'Viewed'), 1, 10),
      CAST(ARRAY[] AS ARRAY(VARCHAR))
    ) AS "latest_pages",
    COUNT(*) FILTER(WHERE
      (
        "type" = 'Purchased' AND (
          "cents" < CAST(1000 AS BIGINT)
        )
      )) AS "bargains",
    COALESCE(
      MAX_BY(
        CASE
          WHEN (
            "type" = 'Purchased' AND (
              "cents" > CAST(0 AS BIGINT)
            )
          )
          THEN TRUE
        END,
        "version"
      ) FILTER(WHERE
        (
          "type" = 'Purchased' AND (
            "cents" > CAST(0 AS BIGINT)
          )
        )),
      FALSE
    ) AS "converted"
  FROM "events"
  GROUP BY
    "tenant",
    "id"
), "__rows_visitor" AS (
  SELECT
    "__folded_visitor"."tenant",
    "__folded_visitor"."id",
    "__folded_visitor"."version",
    "__folded_visitor"."changed_at",
    "__folded_visitor"."first_seen_at" AS "first_seen_at",
    "__folded_visitor"."last_seen_at" AS "last_seen_at",
    "__folded_visitor"."views" AS "views",
    "__folded_visitor"."glimpses" AS "glimpses",
    "__folded_visitor"."looked_ms" AS "looked_ms",
    "__folded_visitor"."purchases" AS "purchases",
    "__folded_visitor"."revenue_cents" AS "revenue_cents",
    "__folded_visitor"."_referrer" AS "_referrer",
    "__folded_visitor"."_bought" AS "_bought",
    COALESCE("__folded_visitor"."_referrer", 'direct') AS "came_from",
    "__folded_visitor"."landed_on" AS "landed_on",
    "__folded_visitor"."pages" AS "pages",
    "__folded_visitor"."latest_pages" AS "latest_pages",
    CAST(COALESCE(CARDINALITY("__folded_visitor"."pages"), 0) AS BIGINT) AS "distinct_pages",
    CAST(COALESCE(CARDINALITY("__folded_visitor"."_bought"), 0) AS BIGINT) AS "products_bought",
    "__folded_visitor"."bargains" AS "bargains",
    "__folded_visitor"."converted" AS "converted",
    CASE
      WHEN (
        "__folded_visitor"."revenue_cents" % NULLIF("__folded_visitor"."purchases", 0)
      ) <> 0
      AND (
        (
          "__folded_visitor"."revenue_cents" % NULLIF("__folded_visitor"."purchases", 0)
        ) < 0
      ) <> (
        NULLIF("__folded_visitor"."purchases", 0) < 0
      )
      THEN (
        "__folded_visitor"."revenue_cents" / NULLIF("__folded_visitor"."purchases", 0)
      ) - 1
      ELSE (
        "__folded_visitor"."revenue_cents" / NULLIF("__folded_visitor"."purchases", 0)
      )
    END AS "cents_per_purchase",
    (
      (
        "__folded_visitor"."views" = CAST(1 AS BIGINT)
      )
      AND (
        NOT (
          "__folded_visitor"."converted"
        )
      )
    ) AS "bounced",
    CASE
      WHEN (
        "__folded_visitor"."purchases" > CAST(2 AS BIGINT)
      )
      THEN 'regular'
      WHEN "__folded_visitor"."converted"
      THEN 'buyer'
      ELSE 'looker'
    END AS "standing"
  FROM "__folded_visitor"
)
SELECT
  "tenant",
  "id",
  "version",
  "changed_at",
  "first_seen_at",
  "last_seen_at",
  "views",
  "glimpses",
  "looked_ms",
  "purchases",
  "revenue_cents",
  "came_from",
  "landed_on",
  "pages",
  "latest_pages",
  "distinct_pages",
  "products_bought",
  "bargains",
  "converted",
  "cents_per_purchase",
  "bounced",
  "standing"
FROM "__rows_visitor";

-- sessions: Sessions.sessions is a fold() in Python, which no SQL says;
