-- Counts that are kept with every change, so that a page says how many there are without counting.

ALTER TABLE organizations ADD COLUMN member_count bigint NOT NULL DEFAULT 0;
ALTER TABLE connections ADD COLUMN live_members bigint NOT NULL DEFAULT 0;
ALTER TABLE connections ADD COLUMN live_teams bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN organizations.member_count IS 'members there are';
COMMENT ON COLUMN connections.live_members IS 'live links to members';
COMMENT ON COLUMN connections.live_teams IS 'live links to teams';

UPDATE organizations SET member_count =
    (SELECT count(*) FROM members WHERE members.org_id = organizations.id);
UPDATE connections SET
    live_members = (SELECT count(*) FROM links WHERE links.org_id = connections.org_id
        AND links.connection_id = connections.id AND links.state = 'live'
        AND links.member_id IS NOT NULL),
    live_teams = (SELECT count(*) FROM links WHERE links.org_id = connections.org_id
        AND links.connection_id = connections.id AND links.state = 'live'
        AND links.team_id IS NOT NULL);
