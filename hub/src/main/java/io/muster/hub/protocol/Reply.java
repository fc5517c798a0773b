package io.muster.hub.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;

/**
 * The answer to a request.
 *
 * @param code see {@link ReplyCode}
 * @param message for people
 * @param data what was asked for; an empty text if nothing was
 * @param hasSecrets whether it is for whoever asked, and not for others that listen to the topic
 */
public record Reply(int code, String message, JsonNode data, boolean hasSecrets) {

    /** Some clients take a text for JSON, unless it is empty. */
    private static final JsonNode NOTHING = TextNode.valueOf("");

    private static final Reply DONE = success(NOTHING);

    /** It is done, and there is nothing to say of it. */
    public static Reply done() {
        return DONE;
    }

    /** It is done. */
    public static Reply success(JsonNode data) {
        return new Reply(ReplyCode.SUCCESS, "success", data, false);
    }

    /** The same answer, with secrets in it. */
    public Reply withSecrets() {
        return new Reply(code, message, data, true);
    }

    /** It is not done. */
    public static Reply failure(int code, String message) {
        return new Reply(code, message, NOTHING, false);
    }
}
