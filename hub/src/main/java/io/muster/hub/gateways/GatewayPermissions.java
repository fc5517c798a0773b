package io.muster.hub.gateways;

import io.muster.auth.spi.TopicPermissions;
import io.muster.devices.DeviceId;

/**
 * What a gateway may do: what it may as a device, and on the topics of those that it speaks for
 * what they may by the rules of their products. It publishes for devices that are signed in through
 * it, and listens for all in its topology, since there are SDKs that subscribe first and sign the
 * device in then. While it is not connected it is not known whom it speaks for. Shared.
 *
 * @param own as a device
 */
record GatewayPermissions(TopicPermissions own, DeviceId gateway, SubDevices subDevices)
        implements TopicPermissions {

    /** The SDKs listen for the answers of each kind of request by topics of their own. */
    private static final int SUBSCRIPTIONS_OF_MEMBER = 20;

    @Override
    public int subscriptionsBesides() {
        return own.subscriptionsBesides()
                + SUBSCRIPTIONS_OF_MEMBER * subDevices.memberCount(gateway);
    }

    @Override
    public boolean mayPublish(String topicName) {
        return own.mayPublish(topicName) || subDevices.mayPublish(gateway, topicName);
    }

    @Override
    public boolean maySubscribe(String topicFilter) {
        return own.maySubscribe(topicFilter) || subDevices.maySubscribe(gateway, topicFilter);
    }

    @Override
    public boolean isUndecidedWhileAway(String topicFilter) {
        return subDevices.mayTurnOutToSubscribe(gateway, topicFilter);
    }

    @Override
    public boolean tellsWhyNot(String topicFilter) {
        return own.tellsWhyNot(topicFilter);
    }
}
