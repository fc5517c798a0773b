-- One row: the greatest version that the state of any deleted device had. A device that is registered later
-- begins above it, so that the versions of one name never go back.

CREATE TABLE deleted_version (
  id SMALLINT NOT NULL PRIMARY KEY,
  version BIGINT NOT NULL
);

INSERT INTO deleted_version (id, version) VALUES (1, 0);
