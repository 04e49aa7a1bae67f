"""The browser telephone on the agent's page, where no microphone can be had: what the page says."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from playwright.async_api import Page, expect

from desk.settings import DeskSettings
from tests.desk.conftest import PASSWORD
from tests.desk.page_stage import STATIC, FakeQueue, browsed, keep_picture, served

pytestmark = pytest.mark.e2e


@pytest.fixture
async def page(opened) -> AsyncIterator[Page]:
    async with AsyncExitStack() as stack:
        house = await stack.enter_async_context(opened(settings=DeskSettings(static_dir=STATIC)))
        address = await stack.enter_async_context(served(house))
        await FakeQueue(house).start()
        # A name other than localhost: to the browser this is another machine, reached without HTTPS.
        named = address.replace("127.0.0.1", "hotline.test")
        page = await stack.enter_async_context(browsed(named, "--host-resolver-rules=MAP hotline.test 127.0.0.1"))
        yield page


async def test_without_https_the_page_says_what_to_do_and_signs_nobody_in(page):
    await page.goto("/desk")
    await page.get_by_label("用户名").fill("8001")
    await page.get_by_label("密码").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("已连接")).to_be_visible()
    await page.get_by_label("选择话机分机").select_option("web-8001")
    await page.keyboard.press("F9")
    await expect(page.get_by_text("浏览器只在 HTTPS 网址下开放麦克风")).to_be_visible()
    await expect(page.locator(".pill")).to_contain_text("未签入")
    await keep_picture(page, "web_phone_insecure")
    await page.get_by_label("选择话机分机").select_option("8001")
    await page.keyboard.press("F9")
    await expect(page.locator(".pill")).to_contain_text("小休")
