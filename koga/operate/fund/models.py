"""The register of funds. What a fund did stands in its ledger, whose code is the fund's."""

from django.db import models
from django.db.models import Q

from koga.operate.parties.models import Agency
from koga.release.tables import DISCLOSURES, INSTRUMENTS


class Fund(models.Model):
    """One fund; fields as in the open table.

    agency: the body that answers for it; its signature lets the fund's figures into a release.
    rules: the fund's rules (규약) as written, blank where they are not kept here.
    disclosure: whether a statute publishes this fund's own figures.
    """

    fund = models.CharField(primary_key=True, max_length=60)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="funds")
    name_ko = models.CharField(max_length=300)
    name_en = models.CharField(max_length=300)
    manager = models.CharField(max_length=60)
    manager_ko = models.CharField(max_length=300)
    manager_en = models.CharField(max_length=300)
    vintage = models.PositiveIntegerField()
    instrument = models.CharField(max_length=20)
    sector = models.CharField(max_length=20, blank=True)
    legal_form = models.CharField(max_length=60, blank=True)
    unit = models.CharField(max_length=30, default="KRW")
    disclosure = models.CharField(max_length=10)
    legal_basis = models.CharField(max_length=300, blank=True)
    rules = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(instrument__in=list(INSTRUMENTS)), name="fund_instrument"
            ),
            models.CheckConstraint(
                condition=Q(disclosure__in=list(DISCLOSURES)), name="fund_disclosure"
            ),
        ]

    def __str__(self) -> str:
        return self.fund
