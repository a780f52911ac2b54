"""Addresses of databases: as people write them, and no piece of a password in a message."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.engine import make_url

from server.database.address import DatabaseUrlError, parse_address, through_pooler
from server.database.embedded_paths import DatabaseStartError

SUPABASE = "postgres://postgres.abc:pass%23word@aws-0-eu-west-1.pooler.supabase.com:6543/postgres"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+asyncpg"])
def test_every_common_way_to_write_an_address_is_understood(scheme: str) -> None:
    address = parse_address(f"{scheme}://ada:secret@db.example:5433/viva")

    assert address.url.drivername == "postgresql+asyncpg"
    assert (address.url.host, address.url.port, address.url.database) == (
        "db.example",
        5433,
        "viva",
    )
    assert address.url.password == "secret"


@pytest.mark.parametrize("mode", ["disable", "prefer", "require"])
def test_sslmode_becomes_asyncpgs_ssl(mode: str) -> None:
    address = parse_address(f"postgresql://ada@db.example/viva?sslmode={mode}")

    assert address.connect_args["ssl"] == mode
    assert address.url.query == {}


@pytest.mark.parametrize(("mode", "named"), [("verify-full", True), ("verify-ca", False)])
def test_a_verified_certificate_is_checked_against_the_systems_authorities(
    mode: str, named: bool
) -> None:
    context = parse_address(f"postgresql://db.example/viva?sslmode={mode}").connect_args["ssl"]

    assert context.check_hostname is named
    assert context.verify_mode.name == "CERT_REQUIRED"


def test_supabases_transaction_pooler_gets_no_prepared_statement_twice() -> None:
    arguments = parse_address(f"{SUPABASE}?sslmode=require&pgbouncer=true").connect_args

    assert arguments["statement_cache_size"] == 0
    assert arguments["prepared_statement_cache_size"] == 0
    name = arguments["prepared_statement_name_func"]
    assert name() != name()


def test_a_direct_connection_keeps_its_prepared_statements() -> None:
    arguments = parse_address("postgresql://ada@db.example:5432/viva").connect_args

    assert "statement_cache_size" not in arguments


def test_what_other_drivers_are_told_is_passed_over() -> None:
    address = parse_address(
        "postgresql://h/d?channel_binding=require&connection_limit=1&connect_timeout=9"
        "&application_name=mine&options=-csearch_path%3Dx"
    )
    assert address.url.query == {}
    assert address.connect_args["timeout"] == 9
    assert address.connect_args["server_settings"] == {
        "application_name": "mine",
        "options": "-csearch_path=x",
    }


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("nonsense", "is not an address"),
        ("postgresql://ada:p@ss@host:notaport/d", "is not an address"),
        ("mysql://ada@host/d", "begins with mysql://"),
        ("sqlite:///viva.db", "in PostgreSQL alone"),
        ("postgresql://h/d?sslmode=sometimes", "sslmode=sometimes"),
        ("postgresql://h/d?sslmode=verify-full&sslrootcert=/nowhere.pem", "cannot be read"),
        ("postgresql://h/d?colour=red", "does not know: colour"),
        ("postgresql://h/d?connect_timeout=soon", "not a number"),
        ("postgresql://h/d?sslmode=require&sslmode=disable", "more than once"),
    ],
)
def test_a_wrong_address_is_refused_with_a_sentence(url: str, sentence: str) -> None:
    with pytest.raises(DatabaseUrlError, match=sentence):
        parse_address(url)
    assert issubclass(DatabaseUrlError, DatabaseStartError)


@given(password=st.text(min_size=1).filter(lambda word: word.strip("*") and len(word) > 5))
def test_a_password_is_kept_whole_and_never_shown(password: str) -> None:
    url = make_url("postgresql://ada@db.example/viva").set(password=password)
    address = parse_address(url.render_as_string(hide_password=False))

    assert address.url.password == password
    assert str(address) == "postgresql+asyncpg://ada:***@db.example/viva"


SECRETS = ["ssw0rd", "hunter2secret", "s3cr3t"]


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://viva:p@ssw0rd@localhost:5432/viva",
        "postgresql://viva:p@ssw0rd@localhost/viva",
        "postgresql://viva:p@ssw0rd:hunter2secret@localhost:5432/viva",
        "postgresql://viva:p@ssw0rd/hunter2secret@localhost:5432/viva",
        "postgresql://viva:p@ssw0rd?hunter2secret@localhost:5432/viva",
        "postgresql://viva:p@ssw0rd?hunter2secret=s3cr3t@localhost:5432/viva?sslmode=require",
        "postgresql://viva:p@ssw0rd?x=s3cr3t&x=hunter2secret@localhost:5432/viva",
        "postgresql://viva:p@ssw0rd#hunter2secret@localhost:5432/viva",
        "postgresql://viva:p@[ssw0rd]hunter2secret@localhost:5432/viva",
        "postgresql://viva:p@[ssw0rd]hunter2secret",
        "postgresql://viva:p%zz%e4ssw0rd@localhost:5432/viva",
        "postgresql://viva/hunter2secret:ssw0rd@localhost:5432/viva",
        "postgresql://viva:99999999@:1234567/viva",
    ],
)
def test_a_password_that_splits_the_address_is_refused_and_no_piece_of_it_is_shown(
    url: str,
) -> None:
    with pytest.raises(DatabaseUrlError, match="%XX") as raised:
        parse_address(url)
    assert not any(secret in str(raised.value) for secret in SECRETS)


@given(
    before=st.text("ab@#%/?:[]&= ", max_size=6),
    after=st.text("ab@#%/?:[]&= ", max_size=6),
    rest=st.sampled_from(["", "?sslmode=require", "?application_name=me@here"]),
)
def test_a_raw_password_is_taken_whole_or_the_address_is_refused_without_it(
    before: str, after: str, rest: str
) -> None:
    password = f"{before}SECRET{after}"
    address, said = None, ""
    try:
        address = parse_address(f"postgresql://viva:{password}@db.example:5433/viva{rest}")
    except DatabaseUrlError as error:
        said = str(error)
    assert "SECRET" not in said
    if address is None:
        return
    assert "SECRET" not in str(address)
    assert (address.url.host, address.url.port) == ("db.example", 5433)
    assert "SECRET" in str(address.url.password)


@pytest.mark.parametrize(
    ("url", "host", "port", "password"),
    [
        ("postgresql://viva:a%40b%25c@[::1]:5432/viva", "::1", 5432, "a@b%c"),
        ("postgresql://viva:pw@[fe80::1%25eth0]/viva", "fe80::1%25eth0", None, "pw"),
        ("postgresql://viva:a/b?c#d:e@host/viva", "host", None, "a/b?c#d:e"),
        ("postgresql://viva:100%@host/viva", "host", None, "100%"),
        ("postgresql://viva@server:pw@host/viva", "host", None, "pw"),
        ("postgresql://viva:pw@/viva?host=/run/postgresql", None, None, "pw"),
        ("postgresql:///viva", None, None, None),
    ],
)
def test_what_can_be_told_apart_stays_right(
    url: str, host: str | None, port: int | None, password: str | None
) -> None:
    parsed = parse_address(url).url
    assert (parsed.host, parsed.port, parsed.password) == (host, port, password)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://h:6432/d",
        "postgresql://ep-cool-lab-pooler.eu-central-1.aws.neon.tech/d",
        "postgresql://aws-0-eu-west-1.pooler.supabase.com:5432/d",
        "postgresql://pgbouncer.internal/d",
        *(
            f"postgresql://h:25061/d?{switch}"
            for switch in (
                "pgbouncer=true",
                "pgbouncer=TRUE",
                "pgbouncer=1",
                "pgbouncer=yes",
                "statement_cache_size=0",
                "prepared_statement_cache_size=0",
                "prepareThreshold=0",
                "prepare_threshold=None",
                "prepared_statements=false",
                "prepare=false",
                "binary_parameters=yes",
                "default_query_exec_mode=simple_protocol",
                "statement-cache-capacity=0",
                "preferQueryMode=simple",
                "pool_mode=transaction",
            )
        ),
    ],
)
def test_every_way_to_say_that_a_pooler_stands_between_is_understood(url: str) -> None:
    address = parse_address(url)
    assert address.connect_args["statement_cache_size"] == 0
    assert address.url.query == {}


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://h:25061/d?pgbouncer=false",
        "postgresql://h/d?statement_cache_size=100",
        "postgresql://carpooler.example/d",
        "postgresql://h/d?host=/tmp/pooler",
    ],
)
def test_what_says_nothing_of_a_pooler_keeps_its_prepared_statements(url: str) -> None:
    assert "statement_cache_size" not in parse_address(url).connect_args


@given(password=st.text(min_size=1))
def test_an_address_that_is_told_of_a_pooler_is_otherwise_the_same(password: str) -> None:
    made = make_url("postgresql://ada@db.example/viva?sslmode=disable").set(password=password)
    before = parse_address(made.render_as_string(hide_password=False))
    after = parse_address(through_pooler(made.render_as_string(hide_password=False)))
    assert before.url == after.url
    assert after.connect_args["statement_cache_size"] == 0
    assert after.connect_args["ssl"] == "disable"
