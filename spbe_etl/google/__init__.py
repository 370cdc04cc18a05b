"""Google Sheets and Drive: who we are there, how often we may ask, what to make of an answer.

Only `client.py` knows gspread; only `grid.py` knows how a spreadsheet looks in JSON.
"""
