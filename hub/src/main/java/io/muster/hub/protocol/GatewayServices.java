package io.muster.hub.protocol;

import io.muster.broker.message.Message;
import io.muster.devices.DeviceId;
import io.muster.hub.protocol.ServiceTopic.Speakers;
import java.util.Map;
import java.util.Optional;

/** What gateways may ask, and for whom they speak. Shared; never blocks. */
public interface GatewayServices {

    /**
     * The services on topics behind {@code /sys}, by the end of the topic.
     *
     * @param registry where what is kept is looked up and changed
     */
    Map<String, Service> system(RegistryWork registry);

    /** The services on topics behind {@code /ext/session}, by the end of the topic. */
    Map<String, Service> sessions();

    /** Finds devices that are signed in through whoever publishes. */
    Speakers speakers();

    /** Finds devices that whoever publishes speaks for, signed in or not. */
    Speakers members();

    /**
     * A device that a gateway says something about on its own topic, if it may.
     *
     * @param device its name, {@code productKey/deviceKey}
     * @param alsoOffline whether it need not be signed in through the gateway
     */
    Optional<DeviceId> speaksFor(DeviceId gateway, String device, boolean alsoOffline);

    /** Sends a message to a gateway that is connected, and to nobody else. */
    void tell(DeviceId gateway, Message message);

    /** Those of a hub that knows no gateways. */
    GatewayServices NONE =
            new GatewayServices() {
                @Override
                public Map<String, Service> system(RegistryWork registry) {
                    return Map.of();
                }

                @Override
                public Map<String, Service> sessions() {
                    return Map.of();
                }

                @Override
                public Speakers speakers() {
                    return Speakers.NONE;
                }

                @Override
                public Speakers members() {
                    return Speakers.NONE;
                }

                @Override
                public Optional<DeviceId> speaksFor(
                        DeviceId gateway, String device, boolean alsoOffline) {
                    return Optional.empty();
                }

                @Override
                public void tell(DeviceId gateway, Message message) {}
            };
}
