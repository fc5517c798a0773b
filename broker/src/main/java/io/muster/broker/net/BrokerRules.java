package io.muster.broker.net;

import io.muster.broker.metrics.Refusals;
import io.muster.broker.protocol.PacketFlows;
import io.muster.broker.protocol.connect.ConnectFlow;
import io.muster.broker.protocol.decode.FieldReader;
import io.muster.broker.spi.ClientObserver;

/**
 * What every connection is handled by.
 *
 * @param fields reads what clients send
 * @param connectFlow answers CONNECT
 * @param packetFlows take all later packets
 * @param observer told of clients that are seen
 * @param refusals counts refused CONNECT packets
 * @param connectBytesMax largest packet before sign-in
 * @param connectTimeoutMillis how long a client may take to send CONNECT
 * @param signInDeadlineMillis how long its answer may take
 */
public record BrokerRules(
        FieldReader fields,
        ConnectFlow connectFlow,
        PacketFlows packetFlows,
        ClientObserver observer,
        Refusals refusals,
        int connectBytesMax,
        long connectTimeoutMillis,
        long signInDeadlineMillis) {}
