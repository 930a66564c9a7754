-- causeway: compatible
-- The group of users who name none. It is the one with the lowest number, and is never deleted (domain/user-groups.ts).
select set_config('causeway.model_transaction', 'on', true);
insert into user_group (name) values ('Default');
