"""Published data as packages ship them: files read where the packages lie, which are not imported.

moderndid: `mpdta` of R did (county teen employment, 2003 to 2007) and `ehec_data` of Mixtape
Sessions (insurance of low-income adults by state). rdrobust: US Senate elections 1914 to 2010.
synthdid: packs of cigarettes a head in 39 states, 1970 to 2000.
"""

import gzip
import io
import pickle
from importlib import metadata

import polars as pl


def content(package: str, file: str) -> bytes:
    """A file of an installed package."""
    return metadata.distribution(package).locate_file(file).read_bytes()


def _pickled(file: str) -> pl.DataFrame:
    pandas = pickle.loads(gzip.decompress(content("moderndid", f"moderndid/core/datasets/{file}")))
    return pl.DataFrame({name: pandas[name].to_numpy() for name in pandas.columns})


def counties() -> pl.DataFrame:
    """`countyreal, year, lemp, lpop, first.treat, treat`."""
    return _pickled("mpdta_long.pkl.gz")


def states_of_medicaid() -> pl.DataFrame:
    """`stfips, year, dins, W, first`: without states that expanded in 2015, up to that year."""
    every = _pickled("ehec_data.pkl.gz").with_columns(pl.col("yexp2").fill_nan(None))
    chosen = every.filter((pl.col("year") < 2016) & pl.col("yexp2").ne_missing(2015))
    first = pl.when(pl.col("yexp2") == 2014).then(2014).otherwise(0)
    return chosen.with_columns(first.alias("first"))


def senate() -> pl.DataFrame:
    """`margin, vote` among others."""
    text = content("rdrobust", "rdrobust/data/rdrobust_RDsenate.csv")
    return pl.read_csv(io.BytesIO(text), null_values="NA")


def cigarettes() -> pl.DataFrame:
    """`State, Year, PacksPerCapita, treated`: California from 1989 on."""
    text = content("synthdid-py", "synthdid/data/california_prop99.csv")
    return pl.read_csv(io.BytesIO(text), separator=";")
