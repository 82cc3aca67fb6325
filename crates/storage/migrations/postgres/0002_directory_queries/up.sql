-- What a directory asks for, served by an index: by change, by any e-mail address, by name in
-- order. And which compatibility profile a connection speaks.

ALTER TABLE connections ADD COLUMN profile text COLLATE "C" NOT NULL DEFAULT 'generic';
COMMENT ON COLUMN connections.profile IS 'how SCIM is read';
UPDATE connections SET profile = directory;

CREATE INDEX members_by_change ON members (org_id, updated_at, id);
CREATE INDEX teams_by_change ON teams (org_id, updated_at, id);
CREATE INDEX links_team_key ON links (org_id, connection_id, key, team_id)
    WHERE state = 'live' AND NOT moved AND team_id IS NOT NULL;

-- The primary address stands beside its member and nearly everybody has no other.
CREATE TABLE further_emails (
    org_id uuid NOT NULL,
    member_id uuid NOT NULL,
    key text COLLATE "C" NOT NULL,
    CONSTRAINT further_emails_pk PRIMARY KEY (org_id, key, member_id),
    CONSTRAINT further_emails_member FOREIGN KEY (org_id, member_id)
        REFERENCES members (org_id, id) ON DELETE CASCADE
);
COMMENT ON COLUMN further_emails.org_id IS 'whose';
COMMENT ON COLUMN further_emails.member_id IS 'of whom';
COMMENT ON COLUMN further_emails.key IS 'an address beside the primary one, folded';
CREATE INDEX further_emails_of_member ON further_emails (org_id, member_id);
-- Addresses beyond ASCII, which the program folds, are stored with the next change of the member.
INSERT INTO further_emails (org_id, member_id, key)
    SELECT members.org_id, members.id, lower(btrim(email.value ->> 'value'))
    FROM members
    CROSS JOIN LATERAL json_array_elements(members.attributes::json -> 'emails') AS email (value)
    WHERE json_typeof(members.attributes::json -> 'emails') = 'array'
        AND email.value ->> 'value' IS NOT NULL
    ON CONFLICT DO NOTHING;
