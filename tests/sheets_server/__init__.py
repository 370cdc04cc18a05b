"""A Google of our own on this machine: the part of Sheets, Drive and the token endpoint that spbe-etl uses.

A real socket and real JSON, so that the client's own stack is tested too. Every request and every answer is checked
against Google's discovery documents; what they don't allow makes the test fail. Knows nothing of the product.
"""

from .calls import Call, Fault
from .clock import Clock, FakeClock, RealClock
from .drive import Drive
from .quota import Quota
from .server import SheetsServer

__all__ = ["Call", "Clock", "Drive", "FakeClock", "Fault", "Quota", "RealClock", "SheetsServer"]
