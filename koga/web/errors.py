"""What a person sees when an address, a form or a file is not right: words, never a traceback."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def _page(request: HttpRequest, status: int, ko: str, en: str) -> HttpResponse:
    return render(
        request, "pages/error.html", {"status": status, "ko": ko, "en": en}, status=status
    )


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: no such page."""
    return _page(
        request,
        404,
        "이 주소에는 아무것도 없습니다. 주소를 다시 확인하거나 첫 화면에서 찾으십시오.",
        "There is nothing at this address. Check it, or start from the first page.",
    )


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: the request could not be read."""
    return _page(
        request,
        400,
        "보내신 요청을 읽을 수 없습니다. 처음 화면에서 다시 시작하십시오.",
        "The request could not be read. Please start again from the first page.",
    )


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: not this person's to see."""
    return _page(
        request,
        403,
        "이 화면을 볼 권한이 없습니다. 권한이 있는 사람으로 로그인하십시오.",
        "You may not see this page. Sign in as someone who may.",
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: the form was open too long or came from elsewhere."""
    return _page(
        request,
        403,
        "양식이 오래되었거나 다른 곳에서 왔습니다. 화면을 다시 열어 보내십시오.",
        "The form has grown old or came from elsewhere. Open the page again and resend it.",
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """500: our own fault; nothing was saved."""
    return _page(
        request,
        500,
        "저희 쪽에 잘못이 있어 처리하지 못했습니다. 저장된 것은 없습니다.",
        "Something is wrong on our side. Nothing was saved.",
    )
