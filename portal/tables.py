"""Every table of the portal in one place, for migrations and for tests about the whole schema."""

from portal.access import audit, keys
from portal.exercises import models as exercises
from portal.exercises import part_models, pathway_models, safety_models
from portal.exercises.own import models as own_models
from portal.kit.db import Base
from portal.people import models as people
from portal.reports import models as reports

MODULES = (keys, audit, people, exercises, part_models, pathway_models, safety_models, own_models, reports)
METADATA = Base.metadata
