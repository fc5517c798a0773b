// An MQTT.js client that is driven by lines: each command is a number, a verb and its arguments, separated by tabs
// and percent-encoded. Answers begin with "done" or "failed" and the number; "message" and "closed" come by themselves.
const mqtt = require('mqtt')
const readline = require('readline')

let client

const say = (...fields) => process.stdout.write(fields.map(field => encodeURIComponent(String(field))).join('\t') + '\n')

const verbs = {
    connect (answer, url, clientId, clean, willTopic, willPayload) {
        client = mqtt.connect(url, {
            clientId,
            clean: clean === 'true',
            protocolVersion: 5,
            properties: { sessionExpiryInterval: clean === 'true' ? 0 : 600 },
            reconnectPeriod: 0,
            will: willTopic === '' ? undefined : { topic: willTopic, payload: willPayload, qos: 1, retain: false }
        })
        client.once('connect', connack => answer(undefined, connack.sessionPresent))
        client.on('error', answer)
        client.on('close', () => say('closed'))
        client.on('message', (topic, payload, packet) => say('message', topic, payload, packet.qos, packet.retain))
    },
    subscribe (answer, filter, qos) {
        client.subscribe(filter, { qos: Number(qos) }, error => answer(error))
    },
    unsubscribe (answer, filter) {
        client.unsubscribe(filter, error => answer(error))
    },
    publish (answer, topic, payload, qos, retain) {
        client.publish(topic, payload, { qos: Number(qos), retain: retain === 'true' }, error => answer(error))
    },
    disconnect (answer) {
        client.end(false, {}, error => answer(error))
    },
    drop (answer) {
        client.stream.destroy()
        answer()
    }
}

readline.createInterface({ input: process.stdin })
    .on('line', line => {
        const [number, verb, ...args] = line.split('\t').map(decodeURIComponent)
        verbs[verb]((error, value) => error ? say('failed', number, error.message) : say('done', number, value), ...args)
    })
    .on('close', () => process.exit())
