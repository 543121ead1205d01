import FoundationEssentials

struct Room: Sendable {
    let id: String
    let createdAt: Date
    var validFrom: Date
    var validUntil: Date
    var pstnDialOutEnabled: Bool
    /// Raw ids with their roles, in the order in which they came.
    var participants: [(rawID: String, role: String)] = []
}

extension EmulatorModel {
    /// Rooms: REST reference "Rooms" and "Participants" of Azure Communication Services.
    mutating func rooms(_ call: DataPlaneCall) throws(Refused) -> Reply {
        switch call.operation {
        case .createRoom: return try createRoom(call)
        case .listRooms: return try listRooms(call)
        default: break
        }
        let id = call.segment(1)
        guard (16...18).contains(id.utf8.count), id.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw Refused(400, "BadRequest", "Invalid room ID length.")
        }
        guard let place = dataPlanes[call.resource]?.rooms.firstIndex(where: { $0.id == id }) else {
            throw Refused(404, "NotFound", "There is no room '\(id)'.")
        }
        switch call.operation {
        case .updateRoom: try updateRoom(call, place)
        case .deleteRoom:
            dataPlanes[call.resource]?.rooms.remove(at: place)
            return .answer(Reply.Answer(status: 204))
        case .listParticipants: return try listParticipants(call, place)
        case .updateParticipants:
            let body = try call.call.decode(ParticipantsBody.self)
            guard let changes = body.participants, !changes.isEmpty else {
                throw Refused(400, "BadRequest", "The property 'participants' is required.")
            }
            try dataPlanes[call.resource]?.rooms[place].apply(changes, call.version)
            return .json(200, [String: String]())
        default: break
        }
        guard let room = dataPlanes[call.resource]?.rooms[place] else { throw Refused(404, "NotFound", "No room.") }
        return .json(200, RoomBody(room, call))
    }

    private mutating func createRoom(_ call: DataPlaneCall) throws(Refused) -> Reply {
        let body = try call.call.decode(RoomWriteBody.self)
        var room = Room(
            id: "99" + String(Int.random(in: 100_000_000_000_000...999_999_999_999_999)), createdAt: call.now,
            validFrom: call.now, validUntil: call.now, pstnDialOutEnabled: body.pstnDialOutEnabled ?? false)
        room.validFrom = try body.date(body.validFrom, "validFrom") ?? call.now
        room.validUntil =
            try body.date(body.validUntil, "validUntil") ?? room.validFrom.addingTimeInterval(Room.longest)
        try room.checkTimes(call.now)
        try room.apply(body.participants ?? [:], call.version)
        dataPlanes[call.resource, default: DataPlaneStore()].rooms.append(room)
        return .json(201, RoomBody(room, call))
    }

    private mutating func updateRoom(_ call: DataPlaneCall, _ place: Int) throws(Refused) {
        let body = try call.call.decode(RoomWriteBody.self)
        guard var room = dataPlanes[call.resource]?.rooms[place] else { return }
        guard body.participants == nil else {
            throw Refused(400, "BadRequest", "Participants are changed at /rooms/\(room.id)/participants.")
        }
        if let from = try body.date(body.validFrom, "validFrom") { room.validFrom = from }
        if let until = try body.date(body.validUntil, "validUntil") { room.validUntil = until }
        if let enabled = body.pstnDialOutEnabled { room.pstnDialOutEnabled = enabled }
        try room.checkTimes(call.now)
        dataPlanes[call.resource]?.rooms[place] = room
    }

    private func listRooms(_ call: DataPlaneCall) throws(Refused) -> Reply {
        let rooms = (dataPlanes[call.resource]?.rooms ?? []).filter { $0.validUntil > call.now }
        let (page, next) = try page(of: rooms, call)
        return .json(200, ListBody(value: page.map { RoomBody($0, call) }, nextLink: next))
    }

    private func listParticipants(_ call: DataPlaneCall, _ place: Int) throws(Refused) -> Reply {
        let (page, next) = try page(of: dataPlanes[call.resource]?.rooms[place].participants ?? [], call)
        return .json(200, ListBody(value: page.map { ["rawId": $0.rawID, "role": $0.role] }, nextLink: next))
    }

    private func page<Element>(
        of all: [Element], _ call: DataPlaneCall
    ) throws(Refused) -> (ArraySlice<Element>, nextLink: String?) {
        let skip = try call.number("$skip", in: 0...Int(Int32.max), or: 0)
        let page = all.dropFirst(skip).prefix(configuration.pageSize)
        guard skip + page.count < all.count else { return (page, nil) }
        let path = call.call.path.dropFirst()
        return (page, "\(call.endpoint)\(path)?api-version=\(call.version)&%24skip=\(skip + page.count)")
    }
}

extension Room {
    /// Half a year.
    static let longest = 180.0 * 86_400

    func checkTimes(_ now: Date) throws(Refused) {
        guard validFrom < validUntil, validUntil > now else {
            throw Refused(400, "BadRequest", "validUntil must be later than validFrom and than now.")
        }
        // A client that counts half a year from its own clock may be a little ahead.
        guard validUntil.timeIntervalSince(max(validFrom, now)) <= Self.longest + 300 else {
            throw Refused(400, "BadRequest", "A room may be valid for 180 days at most.")
        }
    }

    /// A participant without anything leaves.
    mutating func apply(_ changes: [String: ParticipantBody?], _ version: String) throws(Refused) {
        let roles = ["Presenter", "Attendee", "Consumer"] + (version >= "2025-03-13" ? ["Collaborator"] : [])
        var after = participants
        for (rawID, change) in changes.sorted(by: { $0.key < $1.key }) {
            guard rawID.hasPrefix("8:"), rawID.utf8.count > 8 else {
                throw Refused(400, "BadRequest", "'\(rawID)' is no communication user: its id begins with '8:'.")
            }
            let role = change.map { $0.role ?? "Attendee" }
            if let role, !roles.contains(role) {
                throw Refused(400, "BadRequest", "The role '\(role)' is none of \(roles.joined(separator: ", ")).")
            }
            let place = after.firstIndex { $0.rawID == rawID }
            switch (role, place) {
            case (let role?, let place?): after[place].role = role
            case (let role?, nil): after.append((rawID, role))
            case (nil, let place?): after.remove(at: place)
            case (nil, nil): break
            }
        }
        participants = after
    }
}

struct ParticipantBody: Decodable, Sendable {
    let role: String?
}

private struct ParticipantsBody: Decodable {
    let participants: [String: ParticipantBody?]?
}

private struct RoomWriteBody: Decodable {
    let validFrom: String?
    let validUntil: String?
    let pstnDialOutEnabled: Bool?
    let participants: [String: ParticipantBody?]?

    func date(_ text: String?, _ name: String) throws(Refused) -> Date? {
        guard let text else { return nil }
        guard let date = Date(iso8601: text) else {
            throw Refused(400, "BadRequest", "\(name) is no date and time: '\(text)'.")
        }
        return date
    }
}

private struct RoomBody: Encodable {
    let id: String
    let createdAt: String
    let validFrom: String
    let validUntil: String
    let pstnDialOutEnabled: Bool?

    init(_ room: Room, _ call: DataPlaneCall) {
        id = room.id
        createdAt = call.time(room.createdAt)
        validFrom = call.time(room.validFrom)
        validUntil = call.time(room.validUntil)
        // The first version does not know it.
        pstnDialOutEnabled = call.version >= "2024-04-15" ? room.pstnDialOutEnabled : nil
    }
}

extension Date {
    /// With or without fractions of a second, and in UTC when no time zone is named.
    init?(iso8601 text: String) {
        let zoned = text.hasSuffix("Z") || text.dropFirst(10).contains(where: { "+-".contains($0) }) ? text : text + "Z"
        let styles = [
            Date.ISO8601FormatStyle(includingFractionalSeconds: false),
            Date.ISO8601FormatStyle(includingFractionalSeconds: true),
        ]
        guard let date = styles.lazy.compactMap({ try? Date(zoned, strategy: $0) }).first else { return nil }
        self = date
    }
}
