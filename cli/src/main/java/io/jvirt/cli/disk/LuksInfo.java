// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

import io.jvirt.storage.crypto.LuksHeader;
import io.jvirt.storage.crypto.LuksKeySlot;
import io.jvirt.storage.crypto.SectorCipherSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What {@code info} says of a LUKS header. */
final class LuksInfo {
    private LuksInfo() {}

    static Map<String, Object> tree(LuksHeader header) {
        SectorCipherSpec cipher = header.cipher();
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("cipher-alg", cipher.algorithmId());
        tree.put("cipher-mode", cipher.mode().id());
        tree.put("ivgen-alg", cipher.ivGenerator().id());
        if (cipher.ivHash() != null) {
            tree.put("ivgen-hash-alg", cipher.ivHash().id());
        }
        tree.put("hash-alg", header.hash().id());
        tree.put("payload-offset", header.payloadOffset());
        tree.put("master-key-iters", header.digestIterations());
        tree.put("uuid", header.uuid());
        tree.put("slots", slots(header));
        return tree;
    }

    private static List<Object> slots(LuksHeader header) {
        List<Object> slots = new ArrayList<>();
        for (LuksKeySlot slot : header.slots()) {
            Map<String, Object> member = new LinkedHashMap<>();
            member.put("active", slot.active());
            member.put("key-offset", slot.materialOffset());
            if (slot.active()) {
                member.put("iters", slot.iterations());
                member.put("stripes", slot.stripes());
            }
            slots.add(member);
        }
        return slots;
    }
}
