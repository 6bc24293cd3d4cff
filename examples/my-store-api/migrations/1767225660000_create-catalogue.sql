-- Up Migration
create table categories (
  id serial primary key,
  slug text not null unique,
  name text not null
);

create table products (
  id serial primary key,
  category_id integer not null references categories (id),
  name text not null,
  description text not null default '',
  price_cents integer not null check (price_cents >= 0),
  stock integer not null check (stock >= 0)
);

create index products_category on products (category_id);

-- Down Migration
drop table products;
drop table categories;
