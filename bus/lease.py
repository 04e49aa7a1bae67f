"""Who may lead: a key with a life of 3 s in NATS' key-value store, renewed by its holder."""

import asyncio
import time

import nats.errors
import structlog
from nats.js import api
from nats.js.errors import APIError, BadRequestError, BucketNotFoundError, KeyWrongLastSequenceError
from nats.js.kv import KeyValue

from bus.ending import end
from bus.link import NatsLink
from domain.ports import Lease

logger = structlog.get_logger()
BUCKET = "leases"
TTL_S = 3.0
RENEW_S = 0.8
TRY_S = 0.3
SAFETY_S = 0.4
"""The holder gives up so long before the server may forget the key."""


class NatsLease:
    """domain.ports.Lease; `lost` is set when it could not be renewed in time."""

    def __init__(self, bucket: KeyValue, name: str, holder: str, revision: int, taken_s: float) -> None:
        self.lost = asyncio.Event()
        self._bucket = bucket
        self._name = name
        self._holder = holder
        self._revision = revision
        self._renewed_s = taken_s
        self._task = asyncio.get_running_loop().create_task(self._renew())

    async def release(self) -> None:
        await end(self._task)
        if not self.lost.is_set():
            try:
                await self._bucket.delete(self._name, last=self._revision)
            except (nats.errors.Error, OSError) as error:
                logger.info("the lease ends by itself", lease=self._name, error=str(error))
        self.lost.set()

    async def _renew(self) -> None:
        while (left_s := self._renewed_s + TTL_S - SAFETY_S - time.monotonic()) > 0:
            await asyncio.sleep(min(RENEW_S, left_s))
            begun_s = time.monotonic()
            try:
                async with asyncio.timeout(self._renewed_s + TTL_S - SAFETY_S - begun_s):
                    self._revision = await self._bucket.update(self._name, self._holder.encode(), last=self._revision)
                self._renewed_s = begun_s
            except BadRequestError:
                break  # another revision: another holder
            except (nats.errors.Error, OSError) as error:
                logger.warning("the lease could not be renewed yet", lease=self._name, error=str(error))
        logger.warning("the lease is lost", lease=self._name, holder=self._holder)
        self.lost.set()


class NatsLeases:
    """domain.ports.Leases."""

    def __init__(self, link: NatsLink, holder: str) -> None:
        self._link = link
        self._holder = holder

    async def acquire(self, name: str) -> Lease:
        waiting = False
        while True:
            taken_s = time.monotonic()
            try:
                bucket = await self._bucket()
                revision = await bucket.create(name, self._holder.encode())
                logger.info("the lease is ours", lease=name, holder=self._holder)
                return NatsLease(bucket, name, self._holder, revision, taken_s)
            except KeyWrongLastSequenceError:
                if not waiting:
                    logger.info("standing by for the lease", lease=name, holder=self._holder)
                waiting = True
            except (nats.errors.Error, OSError) as error:
                logger.warning("cannot ask for the lease", lease=name, error=str(error))
            await asyncio.sleep(TRY_S)

    async def _bucket(self) -> KeyValue:
        jetstream = self._link.jetstream
        try:
            return await jetstream.key_value(BUCKET)
        except BucketNotFoundError:
            try:
                # On disk: a server that comes back at once finds the same leader.
                return await jetstream.create_key_value(
                    api.KeyValueConfig(bucket=BUCKET, ttl=TTL_S, storage=api.StorageType.FILE)
                )
            except APIError:
                return await jetstream.key_value(BUCKET)
