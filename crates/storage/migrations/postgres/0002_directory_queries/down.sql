DROP TABLE further_emails;
DROP INDEX links_team_key;
DROP INDEX teams_by_change;
DROP INDEX members_by_change;
ALTER TABLE connections DROP COLUMN profile;
