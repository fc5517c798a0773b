package io.muster.hub.sdk;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What all SDKs need of a hub, and what it does when they come again and again. */
class EverySdkTest extends AgainstHub {

    /** One of each, each a device of its own. */
    static Stream<DeviceSdk> sdks() {
        return Stream.of(
                new JavaSdk(hub, hub.createDevice()),
                new PythonSdk(hub, hub.createDevice()),
                new NodeSdk(hub, hub.createDevice()),
                new CSdk(hub, hub.createDevice()));
    }

    @ParameterizedTest
    @MethodSource("sdks")
    void isAnsweredWhateverItSends(DeviceSdk sdk) {
        try (sdk) {
            assertThat(sdk.signIn()).isEqualTo(DeviceSdk.ACCEPTED);
            Connection connection = sdk.connection();
            String filter = sdk.sys("thing/measurepoint/post_reply");
            connection.send(Packets.subscribe(7, filter, 1));
            sdk.assertSuback(7, 1);
            connection.send(Packets.unsubscribe(8, filter));
            assertThat(connection.read(Packet.UNSUBACK).packetId()).isEqualTo(8);
            connection.send(Packets.publish(9, sdk.sys("thing/measurepoint/post"), "{}"));
            sdk.assertPuback(9);
            // It is not answered where it does not listen.
            connection.assertNothingElseCame();
        }
    }

    @ParameterizedTest
    @MethodSource("sdks")
    void aSecondConnectionTakesOver(DeviceSdk sdk) {
        try (sdk) {
            sdk.signIn();
            Connection first = sdk.connection();
            Connection second = Connection.to(hub.address());
            second.send(sdk.connectPacket(DeviceSdk.STATIC, hub.secret(sdk.deviceKey())));

            assertThat(second.read(Packet.CONNACK).code()).isEqualTo(DeviceSdk.ACCEPTED);
            first.assertClosedByHub();
            second.close();
        }
    }

    /** They come back for ever, with the same bytes, some of them every second. */
    @Test
    void disabledDevicesThatComeAgainAndAgainAreRefusedAndDisturbNobody() {
        List<DeviceSdk> disabled = sdks().toList();
        disabled.forEach(sdk -> assertThat(sdk.signIn()).isEqualTo(DeviceSdk.ACCEPTED));
        disabled.forEach(sdk -> hub.disable(sdk.deviceKey()));
        try (DeviceSdk other = new JavaSdk(hub, hub.createDevice())) {
            assertThat(other.signIn()).isEqualTo(DeviceSdk.ACCEPTED);
            for (int i = 0; i < 50; i++) {
                disabled.forEach(
                        sdk -> assertThat(sdk.signIn()).isEqualTo(DeviceSdk.NOT_AUTHORIZED));
            }
            other.connection().assertNothingElseCame();
            assertThat(new JavaSdk(hub, hub.createDevice()).signIn()).isEqualTo(DeviceSdk.ACCEPTED);
        }
        for (DeviceSdk sdk : disabled) {
            hub.enable(sdk.deviceKey());
            assertThat(sdk.signIn()).isEqualTo(DeviceSdk.ACCEPTED);
            sdk.close();
        }
    }
}
