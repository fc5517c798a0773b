-- What applications may do. The rules of a role are a text, a line each ("allow publish plant/#"), since they are
-- read together and never apart. The roles of an application are their names in order, with a comma between two; the
-- built-in role, all-topics, has no row. Revisions are like versions of states: one more, or the time.

CREATE TABLE application_role (
  name VARCHAR(64) COLLATE ${bytes} NOT NULL PRIMARY KEY,
  rules VARCHAR(60000) NOT NULL,
  revision BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);

ALTER TABLE application ADD COLUMN roles VARCHAR(1000) COLLATE ${bytes} NOT NULL DEFAULT 'all-topics';
ALTER TABLE application ADD COLUMN disabled SMALLINT NOT NULL DEFAULT 0;
ALTER TABLE application ADD COLUMN revision BIGINT NOT NULL DEFAULT 1;

UPDATE application SET revision = created_at;
