-- What a directory asks for, served by an index: by change, by any e-mail address, by name in
-- order. And which compatibility profile a connection speaks.

ALTER TABLE connections ADD COLUMN profile TEXT NOT NULL DEFAULT 'generic'; -- how SCIM is read
UPDATE connections SET profile = directory;

CREATE INDEX members_by_change ON members (org_id, updated_at, id);
CREATE INDEX teams_by_change ON teams (org_id, updated_at, id);
CREATE INDEX links_team_key ON links (org_id, connection_id, key, team_id)
    WHERE state = 'live' AND moved = 0 AND team_id IS NOT NULL;

-- The primary address stands beside its member and nearly everybody has no other.
CREATE TABLE further_emails (
    org_id BLOB NOT NULL,                 -- whose
    member_id BLOB NOT NULL,              -- of whom
    key TEXT NOT NULL,                    -- an address beside the primary one, folded
    CONSTRAINT further_emails_pk PRIMARY KEY (org_id, key, member_id),
    CONSTRAINT further_emails_member FOREIGN KEY (org_id, member_id)
        REFERENCES members (org_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX further_emails_of_member ON further_emails (org_id, member_id);
-- Addresses beyond ASCII, which the program folds, are stored with the next change of the member.
INSERT OR IGNORE INTO further_emails (org_id, member_id, key)
    SELECT members.org_id, members.id, lower(trim(json_extract(email.value, '$.value')))
    FROM members, json_each(members.attributes, '$.emails') AS email
    WHERE json_extract(email.value, '$.value') IS NOT NULL;
