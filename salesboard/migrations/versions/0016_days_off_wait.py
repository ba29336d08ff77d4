"""whether a talk on a day off may be noted until noon of the next working day"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    wait = sa.Column("days_off_wait", sa.Boolean(), server_default=sa.true(), nullable=False)
    op.add_column("installation", wait)


def downgrade() -> None:
    op.drop_column("installation", "days_off_wait")
