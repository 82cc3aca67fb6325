-- Counts that are kept with every change, so that a page says how many there are without counting.

ALTER TABLE organizations ADD COLUMN member_count INTEGER NOT NULL DEFAULT 0; -- members there are
ALTER TABLE connections ADD COLUMN live_members INTEGER NOT NULL DEFAULT 0; -- live links to members
ALTER TABLE connections ADD COLUMN live_teams INTEGER NOT NULL DEFAULT 0; -- live links to teams

UPDATE organizations SET member_count =
    (SELECT count(*) FROM members WHERE members.org_id = organizations.id);
UPDATE connections SET
    live_members = (SELECT count(*) FROM links WHERE links.org_id = connections.org_id
        AND links.connection_id = connections.id AND links.state = 'live'
        AND links.member_id IS NOT NULL),
    live_teams = (SELECT count(*) FROM links WHERE links.org_id = connections.org_id
        AND links.connection_id = connections.id AND links.state = 'live'
        AND links.team_id IS NOT NULL);
