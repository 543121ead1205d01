enum Samples {
    /// One policy and, at the end and without a newline, one resource.
    static let minimal = """
        policies: {monthly: {every: 30d}}
        resources:
          - name: contoso-sms
            subscription: 00000000-0000-4000-8000-000000000001
            resourceGroup: messaging
            policy: monthly
        """
}
