WITH `events` AS (
  SELECT
    `tenant`,
    `id`,
    `version`,
    `at`,
    `by`,
    `type`,
    GET_JSON_OBJECT(`data`, '$.title') AS `title`,
    GET_JSON_OBJECT(`data`, '$.description') AS `description`,
    GET_JSON_OBJECT(`data`, '$.author') AS `author`,
    CAST(GET_JSON_OBJECT(`data`, '$.mood') AS BIGINT) AS `mood`,
    GET_JSON_OBJECT(`data`, '$.assignee') AS `assignee`,
    GET_JSON_OBJECT(`data`, '$.priority') AS `priority`,
    GET_JSON_OBJECT(`data`, '$.address') AS `address`
  FROM `raw`
  WHERE
    `domain` = 'tickets'
), `ticket_folded` AS (
  SELECT
    `tenant`,
    `id`,
    MAX(`version`) AS `version`,
    MAX(`at`) AS `changed_at`,
    COALESCE(
      MAX_BY(
        CASE WHEN `type` = 'Submitted' THEN `title` WHEN `type` = 'Renamed' THEN `title` END,
        `version`
      ) FILTER(WHERE
        `type` IN ('Submitted', 'Renamed')),
      ''
    ) AS `title`,
    COALESCE(
      MAX_BY(CASE WHEN `type` = 'Described' THEN `description` END, `version`) FILTER(WHERE
        `type` = 'Described'),
      ''
    ) AS `description`,
    MIN_BY(CASE WHEN `type` = 'Submitted' THEN `author` END, `version`) FILTER(WHERE
      NOT (
        CASE WHEN `type` = 'Submitted' THEN `author` END
      ) IS NULL) AS `author`,
    MIN_BY(CASE WHEN `type` = 'Submitted' THEN `at` END, `version`) FILTER(WHERE
      NOT (
        CASE WHEN `type` = 'Submitted' THEN `at` END
      ) IS NULL) AS `opened_at`,
    COUNT(*) FILTER(WHERE
      `type` = 'Commented') AS `comments`,
    COALESCE(
      SORT_ARRAY(
        COLLECT_SET(
          CASE
            WHEN `type` = 'Submitted'
            THEN `author`
            WHEN `type` = 'Commented'
            THEN `author`
          END
        ) FILTER(WHERE
          NOT (
            CASE
              WHEN `type` = 'Submitted'
              THEN `author`
              WHEN `type` = 'Commented'
              THEN `author`
            END
          ) IS NULL)
      ),
      CAST(ARRAY() AS ARRAY<STRING>)
    ) AS `people`,
    COALESCE(
      CAST(SUM(CASE WHEN `type` = 'Commented' THEN COALESCE(`mood`, CAST(0 AS BIGINT)) END) AS BIGINT),
      CAST(0 AS BIGINT)
    ) AS `mood`,
    MAX_BY(`assignee`, `version`) FILTER(WHERE
      `type` = 'Assigned') AS `assignee`,
    COALESCE(
      MAX_BY(CASE WHEN `type` = 'Prioritized' THEN `priority` END, `version`) FILTER(WHERE
        `type` = 'Prioritized'),
      'normal'
    ) AS `priority`,
    COALESCE(
      MAX_BY(
        CASE
          WHEN `type` = 'Submitted'
          THEN TRUE
          WHEN `type` = 'Reopened'
          THEN TRUE
          WHEN `type` = 'Closed'
          THEN FALSE
        END,
        `version`
      ) FILTER(WHERE
        `type` IN ('Submitted', 'Reopened', 'Closed')),
      FALSE
    ) AS `is_open`,
    MAX_BY(
      CASE
        WHEN `type` = 'Submitted'
        THEN 'open'
        WHEN `type` = 'Closed'
        THEN 'closed'
        WHEN `type` = 'Reopened'
        THEN 'reopened'
      END,
      `version`
    ) FILTER(WHERE
      `type` IN ('Submitted', 'Closed', 'Reopened')) AS `status`
  FROM `events`
  GROUP BY
    `tenant`,
    `id`
), `ticket__watchers_heard` AS (
  SELECT
    *,
    `address` AS `ticket__watchers_key`
  FROM `events`
  WHERE
    `type` IN ('Watched', 'Unwatched')
), `ticket__watchers_marked` AS (
  SELECT
    *,
    MAX(CASE WHEN `type` = 'Unwatched' THEN `version` END) OVER (PARTITION BY `tenant`, `id`, `ticket__watchers_key`) AS `ticket__watchers_gone`
  FROM `ticket__watchers_heard`
), `ticket__watchers_alive` AS (
  SELECT
    *
  FROM `ticket__watchers_marked`
  WHERE
    `version` > COALESCE(`ticket__watchers_gone`, 0)
), `ticket__watchers_folded` AS (
  SELECT
    `tenant`,
    `id`,
    `ticket__watchers_key`,
    MAX(`version`) AS `version`,
    MAX(`at`) AS `changed_at`,
    MIN_BY(CASE WHEN `type` = 'Watched' THEN `at` END, `version`) FILTER(WHERE
      NOT (
        CASE WHEN `type` = 'Watched' THEN `at` END
      ) IS NULL) AS `since`
  FROM `ticket__watchers_alive`
  GROUP BY
    `tenant`,
    `id`,
    `ticket__watchers_key`
), `ticket__watchers_rows` AS (
  SELECT
    `ticket__watchers_folded`.`tenant`,
    `ticket__watchers_folded`.`id`,
    `ticket__watchers_folded`.`ticket__watchers_key`,
    `ticket__watchers_folded`.`version`,
    `ticket__watchers_folded`.`changed_at`,
    `ticket__watchers_folded`.`since` AS `since`
  FROM `ticket__watchers_folded`
), `ticket__watchers` AS (
  SELECT
    `tenant`,
    `id`,
    MAP_FROM_ENTRIES(
      ARRAY_SORT(
        COLLECT_LIST(
          STRUCT(
            `ticket__watchers_key` AS k,
            STRUCT(`version` AS `version`, `changed_at` AS `changed_at`, `since` AS `since`) AS x
          )
        ),
        (a, b) -> CASE WHEN a.k < b.k THEN -1 WHEN a.k > b.k THEN 1 ELSE 0 END
      )
    ) AS `rows`,
    COUNT(*) AS `size`
  FROM `ticket__watchers_rows`
  GROUP BY
    `tenant`,
    `id`
), `ticket_rows` AS (
  SELECT
    `ticket_folded`.`tenant`,
    `ticket_folded`.`id`,
    `ticket_folded`.`version`,
    `ticket_folded`.`changed_at`,
    `ticket_folded`.`title` AS `title`,
    `ticket_folded`.`description` AS `description`,
    `ticket_folded`.`author` AS `author`,
    `ticket_folded`.`opened_at` AS `opened_at`,
    `ticket_folded`.`comments` AS `comments`,
    `ticket_folded`.`people` AS `people`,
    `ticket_folded`.`mood` AS `mood`,
    `ticket_folded`.`assignee` AS `assignee`,
    `ticket_folded`.`priority` AS `priority`,
    `ticket_folded`.`is_open` AS `is_open`,
    `ticket_folded`.`status` AS `status`,
    COALESCE(
      `ticket__watchers`.`rows`,
      CAST(MAP() AS MAP<STRING, STRUCT<`version`: BIGINT, `changed_at`: BIGINT, `since`: BIGINT>>)
    ) AS `_watchers`
  FROM `ticket_folded`
  LEFT JOIN `ticket__watchers`
    ON `ticket__watchers`.`tenant` = `ticket_folded`.`tenant`
    AND `ticket__watchers`.`id` = `ticket_folded`.`id`
)
SELECT
  `tenant`,
  `id`,
  `version`,
  `changed_at`,
  `title`,
  `description`,
  `author`,
  `opened_at`,
  `comments`,
  `people`,
  `mood`,
  `assignee`,
  `priority`,
  `is_open`,
  `status`
FROM `ticket_rows`
