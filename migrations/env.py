"""Runs the migrations on the engine that the program hands over, each in a transaction of its own."""

from alembic import context
from sqlalchemy import Engine

from portal.tables import METADATA

engine: Engine = context.config.attributes["engine"]

with engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=METADATA,
        transaction_per_migration=True,
        transactional_ddl=True,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
