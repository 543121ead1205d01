import Mustache

/// What swift-mustache makes of a template, its escaping set to text.
func renderWithSwiftMustache(_ template: String, _ values: [String: String]) throws -> String {
    try MustacheTemplate(string: "{{% CONTENT_TYPE:TEXT}}" + template).render(values)
}
