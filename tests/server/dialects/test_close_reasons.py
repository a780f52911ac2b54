"""The table of close codes."""

import pytest

from server.dialects.close_reasons import MAX_REASON_BYTES, CloseReason

EXPECTED = {
    1000: {"normal"},
    1001: {"going_away"},
    1012: {"restart"},
    4400: {"protocol_error", "bad_value"},
    4401: {"ticket_refused"},
    4403: {"origin_refused", "signature_refused"},
    4404: {"unknown_caller"},
    4406: {"wrong_subprotocol"},
    4408: {"no_hello", "no_start"},
    4409: {"opened_elsewhere"},
    4410: {"interview_over"},
    4412: {"no_consent", "answering_machine", "cost_cap"},
    4413: {"frame_too_big"},
    4415: {"wrong_format"},
    4425: {"another_time"},
    4429: {"too_much_audio"},
    4500: {"internal_error"},
    4503: {"no_room", "database_down", "interviewer_away"},
}


def test_the_codes_are_those_of_the_protocol() -> None:
    table: dict[int, set[str]] = {}
    for reason in CloseReason:
        table.setdefault(reason.code, set()).add(reason.label)
    assert table == EXPECTED


@pytest.mark.parametrize("reason", list(CloseReason))
def test_each_sentence_fits_into_a_close_frame(reason: CloseReason) -> None:
    assert 0 < len(reason.sentence.encode()) <= MAX_REASON_BYTES
    assert reason.sentence.endswith(".")


def test_no_two_reasons_share_a_sentence() -> None:
    assert len({reason.sentence for reason in CloseReason}) == len(CloseReason)


def test_a_client_may_come_back_only_where_that_can_help() -> None:
    final = {reason.label for reason in CloseReason if not reason.retry}
    assert {"normal", "opened_elsewhere", "interview_over", "origin_refused"} <= final
    assert CloseReason.RESTART.retry
    assert CloseReason.DATABASE_DOWN.retry
