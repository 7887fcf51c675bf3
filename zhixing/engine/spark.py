"""A session of Spark (extra ``scale``) that reckons as the local engine does: ANSI arithmetic, moments without zone, time in UTC."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

SETTINGS: Final[Mapping[str, str]] = {
    "spark.sql.ansi.enabled": "true",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.parquet.inferTimestampNTZ.enabled": "true",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}
"""Those under which Spark gives DuckDB's answers, and quiet ones."""
ALONE: Final[Mapping[str, str]] = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.sql.shuffle.partitions": "8",
}
"""For a master on this machine (``local[…]``): nobody outside is spoken to, and few partitions are enough."""


class SparkMissing(RuntimeError):
    """Spark cannot be started; the text says what is wanting."""


@contextmanager
def spark_session(name: str, master: str, memory_gb: float, folder: str) -> Iterator[SparkSession]:
    try:
        from pyspark.errors import PySparkRuntimeError
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise SparkMissing("pyspark is not installed") from error
    builder = SparkSession.builder.master(master).appName(name)
    own = {"spark.driver.memory": f"{int(memory_gb * 1024)}m", "spark.local.dir": folder}
    for key, value in {**SETTINGS, **(ALONE if master.startswith("local") else {}), **own}.items():
        builder = builder.config(key, value)
    try:
        session = builder.getOrCreate()
    except PySparkRuntimeError as error:
        raise SparkMissing(f"Spark does not start, it needs Java 17 or later ({error})") from error
    session.sparkContext.setLogLevel("ERROR")
    try:
        yield session
    finally:
        session.stop()
