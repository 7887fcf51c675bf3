"""The quick markup says exactly what Django's own says."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy
from hypothesis import given
from hypothesis import strategies as st

from zhixing.base.markup import escaped, linked, page_about

HOSTILE = "<script>alert('1')</script>&\""


@pytest.mark.parametrize("value", ["", HOSTILE, mark_safe("<b>甲</b>"), gettext_lazy("Search"), 7, None, 1.5])
def test_a_value_is_escaped_as_django_escapes_it(value: object) -> None:
    assert escaped(value) == conditional_escape(value)


@given(text=st.text(), url=st.text(min_size=1))
def test_a_link_is_what_format_html_makes(text: str, url: str) -> None:
    made = linked(text, url)
    assert isinstance(made, SafeString)
    assert made == format_html('<a href="{}">{}</a>', url, text)
    assert linked(text, "") == conditional_escape(text)


@given(key=st.integers(0, 2**63 - 1))
def test_an_address_is_what_reverse_says(key: int) -> None:
    for name in ("people:person", "plans:class_run", "obligations:standing", "callups:callup"):
        assert page_about(name, key) == reverse(name, args=[key])
