"""Every table of the portal in one place, for migrations and for tests about the whole schema."""

from portal.access import audit, keys
from portal.exercises import models as exercises
from portal.kit.db import Base
from portal.people import models as people

MODULES = (keys, audit, people, exercises)
METADATA = Base.metadata
