/**
 * The example replies of the published API page, with their white space. Two things are not as the
 * page has them: `services` has `dripfeed`, which live panels send and the page lacks, and the rate
 * `8` is printed with two decimals, as this panel prints all rates.
 */
export const publishedReplies = {
  services: `[
    {
        "service": 1,
        "name": "Followers",
        "type": "Default",
        "category": "First Category",
        "rate": "0.90",
        "min": "50",
        "max": "10000",
        "dripfeed": false,
        "refill": true,
        "cancel": true
    },
    {
        "service": 2,
        "name": "Comments",
        "type": "Custom Comments",
        "category": "Second Category",
        "rate": "8.00",
        "min": "10",
        "max": "1500",
        "dripfeed": false,
        "refill": false,
        "cancel": true
    }
]`,
  add: `{
    "order": 23501
}`,
  status: `{
    "charge": "0.27819",
    "start_count": "3572",
    "status": "Partial",
    "remains": "157",
    "currency": "USD"
}`,
  statusOfSeveral: `{
    "1": {
        "charge": "0.27819",
        "start_count": "3572",
        "status": "Partial",
        "remains": "157",
        "currency": "USD"
    },
    "10": {
        "error": "Incorrect order ID"
    },
    "100": {
        "charge": "1.44219",
        "start_count": "234",
        "status": "In progress",
        "remains": "10",
        "currency": "USD"
    }
}`,
  refill: `{
    "refill": "1"
}`,
  refillOfSeveral: `[
    {
        "order": 1,
        "refill": 1
    },
    {
        "order": 2,
        "refill": 2
    },
    {
        "order": 3,
        "refill": {
            "error": "Incorrect order ID"
        }
    }
]`,
  refillStatus: `{
    "status": "Completed"
}`,
  refillStatusOfSeveral: `[
    {
        "refill": 1,
        "status": "Completed"
    },
    {
        "refill": 2,
        "status": "Rejected"
    },
    {
        "refill": 3,
        "status": {
            "error": "Refill not found"
        }
    }
]`,
  cancel: `[
    {
        "order": 9,
        "cancel": {
            "error": "Incorrect order ID"
        }
    },
    {
        "order": 2,
        "cancel": 1
    }
]`,
  balance: `{
    "balance": "100.84292",
    "currency": "USD"
}`,
} as const;

/** An example without its white space: what the wire must have, byte for byte. */
export function compact(example: string): string {
  return JSON.stringify(JSON.parse(example));
}
