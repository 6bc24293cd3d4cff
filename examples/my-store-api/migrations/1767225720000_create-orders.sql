-- Up Migration
create table orders (
  id uuid primary key,
  user_id integer not null references users (id),
  total_cents integer not null,
  created_at timestamptz not null default now()
);

create table order_items (
  order_id uuid not null references orders (id) on delete cascade,
  product_id integer not null references products (id),
  quantity integer not null check (quantity > 0),
  price_cents integer not null,
  primary key (order_id, product_id)
);

-- Down Migration
drop table order_items;
drop table orders;
