-- causeway: compatible
-- The certificate (PEM, public) that was signed for a key of the connector agent's own: its profile is made from it each time it is
-- fetched. Null for certificates that were handed out with their key: those are complete files and are not kept.
alter table certificate add column agent_certificate text;
