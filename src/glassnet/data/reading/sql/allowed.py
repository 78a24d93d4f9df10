"""Allow-lists for queries: node types, functions and reader options. Everything else is rejected.

So additions in later versions of DuckDB are rejected until they are reviewed.
"""

from typing import Any

from glassnet.data.duckdb_sandbox import answer


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


PARTS = _words("""
    SELECT_NODE SET_OPERATION_NODE CTE_NODE
    BASE_TABLE SUBQUERY JOIN TABLE_FUNCTION EXPRESSION_LIST EMPTY PIVOT
    ORDER_MODIFIER LIMIT_MODIFIER LIMIT_PERCENT_MODIFIER DISTINCT_MODIFIER
    ORDER_DEFAULT ASCENDING DESCENDING
    DECIMAL_TYPE_INFO STRING_TYPE_INFO LIST_TYPE_INFO STRUCT_TYPE_INFO ARRAY_TYPE_INFO ENUM_TYPE_INFO
    GENERIC_TYPE_INFO USER_TYPE_INFO
""")
"""Kinds of nodes, tables, modifiers and types."""

EXPRESSIONS = _words("""
    BETWEEN CASE CAST COLLATE COLUMN_REF COMPARISON CONJUNCTION CONSTANT FUNCTION LAMBDA LAMBDA_REF OPERATOR
    POSITIONAL_REFERENCE STAR SUBQUERY TYPE WINDOW
""")

READERS = _words("""
    read_csv read_csv_auto read_parquet parquet_scan read_json read_json_auto read_ndjson read_ndjson_auto
""")
"""Table functions that read files as tables."""

PURE_TABLES = _words("range generate_series unnest repeat json_each json_tree")
"""Table functions that depend only on their arguments."""

_OF_CSV = _words("""
    all_varchar allow_quoted_nulls auto_detect auto_type_candidates buffer_size column_names column_types columns
    comment compression date_format dateformat decimal_separator delim delimiter dtypes encoding escape filename
    files_to_sniff force_not_null header hive_partitioning hive_types hive_types_autocast ignore_errors lineterminator
    max_line_size maximum_line_size names new_line normalize_names null null_padding nullstr parallel quote sample_size
    sep skip strict_mode thousands timestamp_format timestampformat types union_by_name
""")
_OF_JSON = _words("""
    convert_strings_to_integers field_appearance_threshold format map_inference_threshold maximum_depth
    maximum_object_size maximum_sample_files records
""")
_OF_PARQUET = _words("binary_as_string can_have_nan file_row_number schema")
OPTIONS = _OF_CSV | _OF_JSON | _OF_PARQUET
"""Options of the readers, except those that store tables of rejected rows."""

_UNSETTLED = _words("random uuid uuidv4 uuidv7 gen_random_uuid")
"""Nondeterministic functions without side effects."""

_ABOUT_THE_MACHINE = _words("""
    getenv getvariable current_setting current_query current_user session_user user pg_sleep write_log
    json_serialize_sql json_serialize_plan json_deserialize_sql from_substrait parse_duckdb_log_message
""")
"""Functions about the machine, the session or DuckDB's internals instead of the data."""

_TRUSTING = _words("finalize combine combine_aggr to_aggregate_state")
"""Functions that do not validate the bytes of an aggregate's state."""

_OF_THE_PARSER = _words("""
    count_star unnest row_number rank dense_rank rank_dense percent_rank cume_dist ntile lag lead first_value
    last_value nth_value first last fill
""")
"""Functions missing from the catalog of some versions."""

_known: dict[str, frozenset[str]] = {}


def pure_functions(duck: Any) -> frozenset[str]:
    """Return the functions that depend only on their arguments, from DuckDB's catalog."""
    version = str(answer(duck, "SELECT version()"))
    if version not in _known:
        _known[version] = _by_catalog(duck)
    return _known[version]


def _by_catalog(duck: Any) -> frozenset[str]:
    found = duck.execute(
        "SELECT lower(function_name), bool_or(coalesce(stability, '') = 'VOLATILE' OR coalesce(has_side_effects, "
        "false)) FROM duckdb_functions() WHERE function_type IN ('scalar', 'aggregate', 'macro', 'window') GROUP BY ALL"
    ).fetchall()
    pure = {name for name, is_volatile in found if not is_volatile and not name.startswith("__internal")}
    return frozenset(pure - _ABOUT_THE_MACHINE - _TRUSTING | _UNSETTLED | _OF_THE_PARSER)
