ALTER TABLE connections DROP COLUMN live_teams;
ALTER TABLE connections DROP COLUMN live_members;
ALTER TABLE organizations DROP COLUMN member_count;
