<?php

/**
 * A client of the panel API v2 in one file: every action, no dependency but PHP's curl extension.
 * Works with PHP 7.4 and newer. MIT licence; copy it into your project and change what you like.
 *
 *     require 'panel-api.php';
 *     $panel = new PanelApi('https://panel.example/api/v2', 'YOUR_API_KEY');
 *     echo $panel->balance()['balance'];
 *
 * Try it without writing code; nothing is ordered unless you ask for it:
 *
 *     PANEL_URL=https://panel.example/api/v2 PANEL_KEY=YOUR_API_KEY php panel-api.php
 *     PANEL_URL=… PANEL_KEY=… php panel-api.php add \
 *         '{"service":1,"link":"https://example.com/post","quantity":100}'
 */

declare(strict_types=1);

/**
 * A call that did not succeed. Ask `isRefusal()` before you decide what to do:
 *
 * - true: the panel answered no. The message is its text, such as "Not enough funds on balance", and
 *   nothing was done.
 * - false: there was no usable answer (time-out, lost connection, no JSON). The call may have been
 *   carried out all the same.
 */
class PanelApiError extends RuntimeException
{
    /** @var bool */
    private $refusal;

    public function __construct(string $message, bool $refusal, ?Throwable $previous = null)
    {
        parent::__construct($message, 0, $previous);
        $this->refusal = $refusal;
    }

    /** Whether the panel itself refused the call. */
    public function isRefusal(): bool
    {
        return $this->refusal;
    }
}

class PanelApi
{
    /** @var string */
    private $url;
    /** @var string */
    private $key;
    /** @var int */
    private $timeoutSeconds;

    /**
     * @param string $url the API URL, such as https://panel.example/api/v2
     * @param string $key your API key
     * @param int $timeoutSeconds how long one call may take in all
     */
    public function __construct(string $url, string $key, int $timeoutSeconds = 30)
    {
        $this->url = $url;
        $this->key = $key;
        $this->timeoutSeconds = $timeoutSeconds;
    }

    /**
     * All services on sale, with your prices.
     *
     * @return array<int, array<string, mixed>>
     */
    public function services(): array
    {
        return $this->call('services');
    }

    /**
     * Places an order of any service type.
     *
     * A time-out of this call must not be repeated blindly: the order may have been placed although
     * its answer was lost, and a second call would buy it twice. With a `request_id`, your own unique
     * id of this order, repeating is safe: the panel answers the first order again and charges
     * nothing. So choose one before the first try, store it with your order, and send the same one
     * with every retry. Without one, this client makes an id up: that protects this call only.
     *
     * @param array<string, mixed> $order `service` and the parameters of its type, for instance
     *     `['service' => 1, 'link' => 'https://…', 'quantity' => 100, 'request_id' => 'order-17']`.
     *     Lists such as `comments` or `usernames` may be PHP arrays.
     * @return int the order's id
     */
    public function add(array $order): int
    {
        $fields = [];
        foreach ($order as $name => $value) {
            $fields[$name] = is_array($value) ? implode("\n", $value) : $value;
        }
        if (!isset($fields['request_id'])) {
            $fields['request_id'] = bin2hex(random_bytes(16));
        }
        $reply = $this->call('add', $fields);
        if (!isset($reply['order'])) {
            throw new PanelApiError('The panel answered without an order ID', false);
        }
        return (int) $reply['order'];
    }

    /**
     * The status of one order: charge, start_count, status, remains, currency.
     *
     * @return array<string, mixed>
     */
    public function status(int $order): array
    {
        return $this->call('status', ['order' => $order]);
    }

    /**
     * The status of up to 100 orders, keyed by their id. An unknown order has the key `error`.
     *
     * @param int[] $orders
     * @return array<int, array<string, mixed>>
     */
    public function statuses(array $orders): array
    {
        return $this->call('status', ['orders' => implode(',', $orders)]);
    }

    /** Asks for a refill of one order. @return int the refill's id */
    public function refill(int $order): int
    {
        $reply = $this->call('refill', ['order' => $order]);
        if (!isset($reply['refill'])) {
            throw new PanelApiError('The panel answered without a refill ID', false);
        }
        return (int) $reply['refill'];
    }

    /**
     * Asks for refills of up to 100 orders.
     *
     * @param int[] $orders
     * @return array<int, array<string, mixed>> per order its id and `refill`: the refill's id, or
     *     an array with the key `error`
     */
    public function refills(array $orders): array
    {
        return $this->call('refill', ['orders' => implode(',', $orders)]);
    }

    /** The status of one refill, such as "Completed". */
    public function refillStatus(int $refill): string
    {
        $reply = $this->call('refill_status', ['refill' => $refill]);
        if (!isset($reply['status'])) {
            throw new PanelApiError('The panel answered without a status', false);
        }
        return (string) $reply['status'];
    }

    /**
     * The status of up to 100 refills.
     *
     * @param int[] $refills
     * @return array<int, array<string, mixed>> per refill its id and `status`: a word, or an array
     *     with the key `error`
     */
    public function refillStatuses(array $refills): array
    {
        return $this->call('refill_status', ['refills' => implode(',', $refills)]);
    }

    /**
     * Asks to cancel up to 100 orders.
     *
     * @param int[] $orders
     * @return array<int, array<string, mixed>> per order its id and `cancel`: 1, or an array with
     *     the key `error`
     */
    public function cancel(array $orders): array
    {
        return $this->call('cancel', ['orders' => implode(',', $orders)]);
    }

    /**
     * Your balance and its currency. The balance is a string: calculate with bcmath, not floats.
     *
     * @return array{balance: string, currency: string}
     */
    public function balance(): array
    {
        return $this->call('balance');
    }

    /**
     * Makes one call and reads its reply.
     *
     * @param array<string, mixed> $fields
     * @return array<mixed>
     * @throws PanelApiError
     */
    private function call(string $action, array $fields = []): array
    {
        $fields = array_merge($fields, ['key' => $this->key, 'action' => $action]);
        [$body, $status] = $this->post(http_build_query($fields, '', '&', PHP_QUERY_RFC1738));
        $reply = json_decode($body, true);
        if (!is_array($reply)) {
            throw new PanelApiError("The panel answered no JSON (HTTP $status)", false);
        }
        if (array_keys($reply) === ['error']) {
            // A 5xx says that something broke on the way, not that the call was refused.
            throw new PanelApiError(self::text($reply['error']), $status < 500);
        }
        if ($status >= 400) {
            throw new PanelApiError("The panel answered HTTP $status", false);
        }
        return $reply;
    }

    /** @return array{0: string, 1: int} the body and the HTTP status */
    private function post(string $body): array
    {
        $curl = curl_init($this->url);
        if ($curl === false) {
            throw new PanelApiError('curl could not be started', false);
        }
        curl_setopt_array($curl, [
            CURLOPT_POST => true,
            CURLOPT_POSTFIELDS => $body,
            CURLOPT_RETURNTRANSFER => true,
            CURLOPT_CONNECTTIMEOUT => min(10, $this->timeoutSeconds),
            CURLOPT_TIMEOUT => $this->timeoutSeconds,
            // Never switch these off: whoever sits in between could read your key.
            CURLOPT_SSL_VERIFYPEER => true,
            CURLOPT_SSL_VERIFYHOST => 2,
            // The key must not follow a redirect to another host.
            CURLOPT_FOLLOWLOCATION => false,
            CURLOPT_PROTOCOLS => CURLPROTO_HTTP | CURLPROTO_HTTPS,
            CURLOPT_HTTPHEADER => ['Accept: application/json', 'Expect:'],
            CURLOPT_USERAGENT => 'panel-api-php/1',
            CURLOPT_ENCODING => '',
        ]);
        $reply = curl_exec($curl);
        if (!is_string($reply)) {
            throw new PanelApiError('No answer from the panel: ' . curl_error($curl), false);
        }
        return [$reply, (int) curl_getinfo($curl, CURLINFO_RESPONSE_CODE)];
    }

    /** @param mixed $error */
    private static function text($error): string
    {
        return is_string($error) ? $error : (string) json_encode($error);
    }
}

/**
 * The demonstration: shows the balance and the services, and places an order only when asked to.
 *
 * @param string[] $arguments
 * @return int the exit code
 */
function panel_api_demo(array $arguments): int
{
    $url = (string) getenv('PANEL_URL');
    $key = (string) getenv('PANEL_KEY');
    if ($url === '' || $key === '') {
        fwrite(STDERR, "Set PANEL_URL (such as https://panel.example/api/v2) and PANEL_KEY.\n");
        return 2;
    }
    // The address of the panel alone will do as well.
    if (!preg_match('~/api/v2/?$~', $url)) {
        $url = rtrim($url, '/') . '/api/v2';
    }
    $panel = new PanelApi($url, $key);
    try {
        $balance = $panel->balance();
        echo "Balance: {$balance['balance']} {$balance['currency']}\n";
        $services = $panel->services();
        echo 'Services: ' . count($services) . "\n";
        foreach (array_slice($services, 0, 5) as $service) {
            $price = "{$service['rate']} {$balance['currency']}";
            echo "  {$service['service']}: {$service['name']} ({$service['type']}), $price\n";
        }
        if (($arguments[1] ?? '') === 'add') {
            $order = json_decode($arguments[2] ?? '', true);
            if (!is_array($order)) {
                fwrite(STDERR, "After \"add\", give the order as a JSON object.\n");
                return 2;
            }
            $id = $panel->add($order);
            echo "Order: $id\n";
            echo "Status: {$panel->status($id)['status']}\n";
        }
        return 0;
    } catch (PanelApiError $error) {
        fwrite(STDERR, $error->getMessage() . "\n");
        if (!$error->isRefusal()) {
            fwrite(STDERR, "It is not known whether the call was carried out.\n");
        }
        return 1;
    }
}

if (PHP_SAPI === 'cli' && isset($argv[0]) && realpath($argv[0]) === __FILE__) {
    exit(panel_api_demo($argv));
}
