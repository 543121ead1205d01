import FoundationEssentials
import KeyMaterial
import SecretsDirectory
import Testing

@Suite struct MustacheTests {
    /// Has no previous key.
    private func render(_ template: String) throws -> String {
        try MustacheTemplate(template).render { variable in
            switch variable {
            case .accessKey: "a+b/c=<&>\"'"
            case .version: "7"
            case .name: "contoso"
            case .keyType: "Primary"
            default: nil
            }
        }
    }

    @Test(arguments: ["{{accessKey}}", "{{{accessKey}}}", "{{& accessKey }}", "{{ accessKey }}", "{{{ accessKey\n}}}"])
    func nothingIsEscaped(template: String) throws {
        #expect(try render(template) == "a+b/c=<&>\"'")
    }

    /// After the cases of the Mustache specification (comments, delimiters, sections, inverted).
    @Test(arguments: [
        ("no tags { } }} \n", "no tags { } }} \n"),
        ("|{{previousAccessKey}}|", "||"),
        ("12345{{! comment }}67890", "1234567890"),
        ("12345{{!\n  many\n lines\n}}67890\n", "1234567890\n"),
        ("Begin.\n{{! alone }}\nEnd.\n", "Begin.\nEnd.\n"),
        ("Begin.\n  {{! indented }}\nEnd.\n", "Begin.\nEnd.\n"),
        ("|\r\n{{! alone }}\r\n|", "|\r\n|"),
        ("  {{! still alone }}\n!", "!"),
        ("!\n  {{! without newline }}", "!\n"),
        ("Begin.\n{{!\nmany lines\n}}\nEnd.\n", "Begin.\nEnd.\n"),
        ("  12 {{! 34 }}\n", "  12 \n"),
        ("{{#name}}yes{{/name}}", "yes"),
        ("{{#previousAccessKey}}yes{{/previousAccessKey}}", ""),
        ("{{^name}}yes{{/name}}", ""),
        ("{{^previousAccessKey}}yes{{/previousAccessKey}}", "yes"),
        ("{{#name}}{{^nextRotation}}{{version}}{{/nextRotation}}{{/name}}", "7"),
        (" | {{#name}}\t|\t{{/name}} | \n", " | \t|\t | \n"),
        (" {{#name}}YES{{/name}}\n {{#name}}GOOD{{/name}}\n", " YES\n GOOD\n"),
        ("| This Is\n{{#name}}\n|\n{{/name}}\n| A Line\n", "| This Is\n|\n| A Line\n"),
        ("| This Is\n  {{^nextRotation}}  \n|\n  {{/nextRotation}}\n| A Line\n", "| This Is\n|\n| A Line\n"),
        ("#{{#name}}\n/\n  {{/name}}", "#\n/\n"),
        ("  {{#name}}\n#{{/name}}\n/", "#\n/"),
        ("{{#name}} {{#version}}\n{{/version}}{{/name}}", " \n"),
        ("{{=<% %>=}}(<%version%>){{version}}", "(7){{version}}"),
        ("({{version}})\n{{= [ ] =}}\n[#name]\n[&version]\n[/name]\n", "(7)\n7\n"),
        ("{{=| |=}}|{version}|", "7"),
        ("{{=<% %>=}}<%={{ }}=%>{{version}}", "7"),
        ("é {{name}} 🔑\u{301}{{version}}", "é contoso 🔑\u{301}7"),
    ])
    func rendersAsSpecified(template: String, expected: String) throws {
        #expect(try render(template) == expected)
    }

    @Test(arguments: [
        ("{{nmae}}", 1, 3, "there is no variable 'nmae'; there are connectionString, previousConnectionString"),
        ("a\nbc {{ name }} {{ host.name }}", 2, 18, "there is no variable 'host.name'"),
        ("{{#name}}\n\n {{nope}}\n{{/name}}", 3, 4, "there is no variable 'nope'"),
        ("é\r\n{{.}}", 2, 3, "there is no variable '.'"),
        ("{{name version}}", 1, 3, "there is no variable 'name version'"),
        ("x{{}}", 1, 2, "this tag names no variable"),
        ("x\n {{name", 2, 2, "the tag that begins here is never closed with '}}'"),
        ("{{{name}}", 1, 1, "the tag that begins here is never closed with '}}}'"),
        ("{{! never", 1, 1, "the tag that begins here is never closed"),
        ("{{", 1, 1, "the tag that begins here is never closed"),
        ("a {{#name}} b", 1, 3, "the section 'name' is never closed"),
        ("{{/name}}", 1, 1, "no section 'name' is open here"),
        ("{{#name}}{{#host}}{{/name}}{{/host}}", 1, 19, "the section that is open here is 'host', not 'name'"),
        ("{{> partial}}", 1, 1, "partials and blocks are not supported"),
        ("{{<parent}}{{/parent}}", 1, 1, "partials and blocks are not supported"),
        ("{{$block}}{{/block}}", 1, 1, "partials and blocks are not supported"),
        ("{{% CONTENT_TYPE:HTML}}", 1, 1, "pragmas are not supported"),
        ("{{=<%=}}", 1, 1, "a set-delimiter tag has two delimiters"),
        ("{{=a b c=}}", 1, 1, "a set-delimiter tag has two delimiters"),
        ("{{==a b==}}", 1, 1, "a set-delimiter tag has two delimiters"),
    ])
    func refusesWithThePosition(template: String, line: Int, column: Int, message: String) throws {
        let error = try #require(throws: MustacheError.self) { try MustacheTemplate(template) }
        #expect((error.line, error.column) == (line, column), "\(error)")
        #expect(error.message.hasPrefix(message), "\(error)")
        #expect("\(error)".hasPrefix("\(line):\(column): "))
    }

    @Test func extraFilesGetTheWholeContext() throws {
        try withTemporaryDirectory(under: fastParent) { path in
            let text = TemplateVariable.allCases.map { "\($0.rawValue)={{\($0.rawValue)}}\n" }.joined()
            let layout = ResourceLayout(files: [.init(name: "all.ini", template: try MustacheTemplate(text))])
            let version = try secretVersion(2)
            let secrets = SecretsDirectory(path: path)
            _ = try secrets.publish(version, layout: layout)
            let bytes = try #require(try Consumer.read("\(path)/\(resourceName)/all.ini"))
            let previous = try #require(version.previous)
            #expect(
                String(decoding: bytes, as: UTF8.self) == """
                    connectionString=\(version.current.secret.withExposedText { $0 })
                    previousConnectionString=\(previous.secret.withExposedText { $0 })
                    accessKey=\(version.current.accessKey.secret.withExposedText { $0 })
                    previousAccessKey=\(previous.accessKey.secret.withExposedText { $0 })
                    endpoint=https://contoso-sms.unitedstates.communication.azure.com
                    host=contoso-sms.unitedstates.communication.azure.com
                    keyType=Secondary
                    version=2
                    fingerprint=\(version.current.fingerprint)
                    publishedAt=\(version.publishedAt)
                    previousGoodUntil=\(try #require(version.previousGoodUntil))
                    nextRotation=\(try #require(version.nextRotation))
                    name=contoso-sms

                    """)
            #expect(try secrets.read(resourceName, layout: layout)?.intact == true)
            try Data("x".utf8).write(to: URL(filePath: "\(path)/\(resourceName)/..v2/all.ini"))
            #expect(try secrets.read(resourceName, layout: layout)?.intact == false)
        }
    }
}
