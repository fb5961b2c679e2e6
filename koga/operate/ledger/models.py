"""The tables of the books, for reading. They are made and guarded by `schema/*.sql` alone."""

from django.db import models


class Ledger(models.Model):
    """The books of one agency or fund."""

    id = models.BigAutoField(primary_key=True)
    code = models.CharField(max_length=60, unique=True)
    opened_us = models.BigIntegerField()

    class Meta:
        managed = False

    def __str__(self) -> str:
        return self.code


class Head(models.Model):
    """The last entry of a ledger; also the row its writers lock."""

    ledger = models.OneToOneField(Ledger, on_delete=models.PROTECT, primary_key=True)
    seq = models.BigIntegerField()
    recorded_us = models.BigIntegerField()
    chain = models.BinaryField()

    class Meta:
        managed = False


class Commodity(models.Model):
    """A unit some account is kept in."""

    code = models.CharField(max_length=30, primary_key=True)
    scale = models.SmallIntegerField()
    kind = models.CharField(max_length=20)

    class Meta:
        managed = False

    def __str__(self) -> str:
        return self.code


class Account(models.Model):
    """An account of one ledger in one unit."""

    id = models.BigAutoField(primary_key=True)
    ledger = models.ForeignKey(Ledger, on_delete=models.PROTECT)
    code = models.CharField(max_length=120)
    commodity = models.ForeignKey(Commodity, on_delete=models.PROTECT, db_column="commodity")

    class Meta:
        managed = False

    def __str__(self) -> str:
        return self.code


class Entry(models.Model):
    """A sealed entry: its header."""

    pk = models.CompositePrimaryKey("ledger_id", "seq")
    ledger = models.ForeignKey(Ledger, on_delete=models.PROTECT)
    seq = models.BigIntegerField()
    key = models.CharField(max_length=200)
    kind = models.CharField(max_length=40)
    effective_date = models.DateField()
    recorded_us = models.BigIntegerField()
    reference = models.CharField(max_length=200)
    reverses = models.BigIntegerField(null=True)
    relates_to = models.CharField(max_length=7)
    maker = models.CharField(max_length=40)
    checker = models.CharField(max_length=40)
    postings = models.IntegerField()
    content = models.BinaryField()
    previous = models.BinaryField()
    chain = models.BinaryField()

    class Meta:
        managed = False


class Posting(models.Model):
    """One line of a sealed entry; a debit is positive."""

    pk = models.CompositePrimaryKey("ledger_id", "seq", "line")
    ledger = models.ForeignKey(Ledger, on_delete=models.PROTECT)
    seq = models.BigIntegerField()
    line = models.IntegerField()
    account = models.ForeignKey(Account, on_delete=models.PROTECT)
    commodity = models.CharField(max_length=30)
    amount = models.BigIntegerField()
    effective_date = models.DateField()

    class Meta:
        managed = False


class Closing(models.Model):
    """Days through which a ledger takes no more entries."""

    pk = models.CompositePrimaryKey("ledger_id", "through")
    ledger = models.ForeignKey(Ledger, on_delete=models.PROTECT)
    through = models.DateField()
    after_seq = models.BigIntegerField()
    actor = models.CharField(max_length=40)
    recorded_us = models.BigIntegerField()

    class Meta:
        managed = False


class Limit(models.Model):
    """A limit given to an account; the last one counts."""

    pk = models.CompositePrimaryKey("account_id", "number")
    account = models.ForeignKey(Account, on_delete=models.PROTECT)
    number = models.IntegerField()
    floor = models.BigIntegerField(null=True)
    ceiling = models.BigIntegerField(null=True)
    after_seq = models.BigIntegerField()
    actor = models.CharField(max_length=40)
    recorded_us = models.BigIntegerField()

    class Meta:
        managed = False


class Balance(models.Model):
    """The kept balance of an account with limits."""

    account = models.OneToOneField(Account, on_delete=models.PROTECT, primary_key=True)
    amount = models.BigIntegerField()
    floor = models.BigIntegerField(null=True)
    ceiling = models.BigIntegerField(null=True)

    class Meta:
        managed = False


class Draft(models.Model):
    """An entry someone proposes and someone else must approve."""

    id = models.BigAutoField(primary_key=True)
    ledger = models.ForeignKey(Ledger, on_delete=models.PROTECT)
    key = models.CharField(max_length=200)
    body = models.TextField()
    content = models.BinaryField()
    maker = models.CharField(max_length=40)
    recorded_us = models.BigIntegerField()

    class Meta:
        managed = False


class Approval(models.Model):
    """The one decision on a draft, of the very content it had."""

    draft = models.OneToOneField(Draft, on_delete=models.PROTECT, primary_key=True)
    ledger = models.ForeignKey(Ledger, on_delete=models.PROTECT)
    content = models.BinaryField()
    verdict = models.CharField(max_length=10)
    maker = models.CharField(max_length=40)
    checker = models.CharField(max_length=40)
    recorded_us = models.BigIntegerField()

    class Meta:
        managed = False


class Rejection(models.Model):
    """The stored refusal of a key, so that a retry answers the same."""

    pk = models.CompositePrimaryKey("ledger_id", "key")
    ledger = models.ForeignKey(Ledger, on_delete=models.PROTECT)
    key = models.CharField(max_length=200)
    content = models.BinaryField()
    problem = models.TextField()
    maker = models.CharField(max_length=40)
    recorded_us = models.BigIntegerField()

    class Meta:
        managed = False
